"""Bad command lines of every command, each with the two lines that it is answered with.

A text that ends in ``...`` is the beginning of the line: the rest is the system's, click's or a
list that grows. ``|`` stands before the remedy.
"""

ROWS = """
biuld                                                | onnxwright has no command 'biuld' | did you mean 'build'? see onnxwright --help
--nothing                                            | onnxwright has no option --nothing | see onnxwright --help

build                                                | missing argument 'NETWORK' | see onnxwright build --help
build net.toml -w w.npz                              | missing option '--output' / '-o' | see onnxwright build --help
build net.toml -w w.safetensors -o net.toml          | net.toml is a file that is read here (net.toml); it would be written over | give the output another path
build net.toml -w w.safetensors -o w.safetensors     | w.safetensors is a file that is read here (w.safetensors); it would be written over | give the output another path
build net.toml -w w.safetensors -o hard.safetensors  | hard.safetensors is a file that is read here (w.safetensors); it would be written over | give the output another path
build net.toml -w w.npz -o dir/../w.npz              | dir/../w.npz is a file that is read here (w.npz); it would be written over | give the output another path
build link.toml -w w.npz -o net.toml                 | net.toml is a file that is read here (link.toml); it would be written over | give the output another path
build net.toml -w w.npz -o link.npz                  | link.npz is a file that is read here (w.npz); it would be written over | give the output another path
build net.toml -w w.npz -o dir                       | cannot write dir: it is no plain file | give the path of a file
build net.toml -w w.npz -o no/q.onnx                 | cannot write no/q.onnx: its folder is not there or not to be written to | check that the folder no exists and can be written to
build net.toml -w w.npz -o q.onnx --opset 3          | net.toml:1: network: network 'net': opset 3 is not one of 13 to ... | use 17 to load nearly everywhere, or install a newer onnx for a newer opset
build net.toml -w w.npz -o q.onnx --dtype int8       | net.toml:1: network: network 'net': dtype 'int8' is no float type of ONNX | use one of float16, bfloat16, float32, float64
build net.toml -w w.npz -o q.onnx --target cudda     | net.toml:1: network: target 'cudda' is not known | did you mean 'cuda'? use one of cpu, cuda, ...
build net.toml -w w.npz -w w.safetensors -o q.onnx   | weights file w.safetensors: array 'head.bias' is in an earlier file too | give each array once
build net.toml -w none.npz -o q.onnx                 | weights file none.npz: cannot be read: no such file | check the path and its permissions
build none.toml -w w.npz -o q.onnx                   | none.toml: cannot be read: No such file or directory | check the path
build bad.toml -w w.npz -o q.onnx                    | bad.toml: not valid TOML: ... | see https://toml.io for the notation
build net.toml -w one.npz -o q.onnx                  | net.toml:6: layer 'head', weights: DenseWeights.from_torch: there is no array 'head.weight' among the 1 given | near it: z
build net.toml -w broken.npz -o q.onnx               | weights file broken.npz: ... | ...
build dir -w w.npz -o q.onnx                         | dir: cannot be read: Is a directory | check the path
build net.toml -o q.onnx                             | net.toml takes its arrays from a weights file, and none is given | add --weights FILE
build m.onnx -w w.npz -o q.onnx                      | m.onnx is a model, not a network file | give the .toml file that describes the network
build w.npz -w net.toml -o q.onnx                    | w.npz is a file of NumPy arrays (.npz), not a network file | write onnxwright build NETWORK.toml -w w.npz
build net.toml -w net.toml -o q.onnx                 | net.toml is a network file, not a weights file | write onnxwright build net.toml -w WEIGHTS
build net.toml -w w.npz -o q.onnx --external-threshold -1 | invalid value for '--external-threshold': -1 is not in the range x>=0... | see onnxwright build --help
build net.toml -w w.npz -o q.onnx --expect none.npz  | cannot read arrays from none.npz: No such file or directory | check the path

convert m.onnx                                       | missing option '--output' / '-o' | see onnxwright convert --help
convert net.toml -o net.toml                         | net.toml is a file that is read here (net.toml); it would be written over | give the output another path
convert none.keras -o q.onnx                         | ... | ...
convert m.onnx -o q.onnx                             | ... | ...

completion                                           | missing argument 'SHELL'... | see onnxwright completion --help
completion tcsh                                      | invalid value for 'SHELL': 'tcsh' is not one of ... | see onnxwright completion --help

run m.onnx --input in.npz -o in.npz                  | in.npz is a file that is read here (in.npz); it would be written over | give the output another path
run m.onnx --input x=x.npy -o out.npy                | -o out.npy is no .npz file | write -o out.npz
run m.onnx --input in.npz -o no/out.npz              | cannot write no/out.npz: its folder is not there or not to be written to | check that the folder no exists and can be written to
run m.onnx                                           | input 'x' is missing | the model needs 'x'
run m.onnx --input in.npz --input x=x.npy            | the input 'x' is given twice | give each input once
run m.onnx --input wide.npz                          | input 'x': dim 1 is 4, but the model fixes it at 3 | give an array of shape [batch, 3]
run m.onnx --input one.npz                           | the model has no input 'z' | its inputs are 'x'
run m.onnx --input none.npz                          | cannot read arrays from none.npz: No such file or directory | check the path
run m.onnx --input broken.npz                        | cannot read arrays from broken.npz: not a whole .npz archive ... | save it again with numpy.savez, or fetch it again
run m.onnx --input x.npy                             | --input x.npy names no input | write --input NAME=x.npy
run m.onnx --input x=m.onnx                          | cannot read arrays from m.onnx: it is no file of arrays, or holds pickled objects, which are never read | give a file that numpy.save or numpy.savez wrote, without objects in it
run m.onnx --input x=objects.npy                     | cannot read arrays from objects.npy: ... | give a file that numpy.save or numpy.savez wrote, without objects in it
run m.onnx --input x=w.safetensors                   | cannot read arrays from w.safetensors: it is a weights file (safetensors), not a NumPy array | give a file that numpy.save or numpy.savez wrote, without objects in it
run m.onnx --input in.npz --on cdua                  | there is no runtime called 'cdua' | did you mean 'cuda'? use one of numpy, ...
run m.onnx --input in.npz --threads 0                | invalid value for '--threads': 0 is not in the range 1<=x<=1024... | see onnxwright run --help
run m.onnx --input in.npz --threads 2                | on='numpy' has no option 'threads' | its options are memory_limit, max_steps and map_weights
run m.onnx --input in.npz --memory-limit lots        | memory_limit is 'lots', which is no size | write a number of bytes, or "512M", "2G", "1.5T"
run m.onnx --input in.npz --max-steps 0              | invalid value for '--max-steps': 0 is not in the range x>=1... | see onnxwright run --help
run m.onnx --seed -1                                 | invalid value for '--seed': -1 is not in the range x>=0... | see onnxwright run --help
run m.onnx --seed 0 --dim batch                      | --dim batch gives no size from 0 to 999999999 | write --dim NAME=SIZE, as batch=4, or x.0=4 for an unnamed dim
run m.onnx --seed 0 --dim x.1=2                      | the model fixes dim 1 of 'x' at 3 | export it again with that dim named (torch.onnx.export: dynamic_shapes), or name it in the file with onnx.tools.update_model_dims, where no node fixes it too
run m.onnx --seed 0 --dim nobody=2                   | the model has no dim 'nobody' | its dims are batch
run m.onnx --input in.npz --on cpu --provider-option x | --provider-option x has no value | write --provider-option NAME=VALUE
run --input in.npz                                   | on='numpy' needs a model and none was given | give the path of an .onnx file; only a served model's URL does without
run w.safetensors                                    | w.safetensors is a weights file (safetensors), not a model | build the model first: onnxwright build NETWORK.toml -w w.safetensors
run net.toml                                         | net.toml is a network file, not a model | build the model first: onnxwright build net.toml -w WEIGHTS
run x.npy                                            | x.npy is a NumPy array, not a model | give the model's path, and this file as --input NAME=x.npy
run in.npz                                           | in.npz is a file of NumPy arrays (.npz), not a model | give the model's path; inputs go in as --input in.npz, weights as onnxwright build NETWORK.toml -w in.npz
run broken.onnx                                      | broken.onnx is no model that can be run: its protobuf is cut off, damaged, or nested too deep | export or download it again, and check it with onnx.checker.check_model
run empty.onnx                                       | empty.onnx is an empty file, not a model | export or download it again
run dir                                              | dir is a folder | give the path of an .onnx file
run none.onnx                                        | cannot read none.onnx: No such file or directory | check the path
lint split.onnx -t cuda                              | split.onnx is no model that can be run: node '' splits into 2147483647 parts, and has 1 outputs | export or download it again, and check it with onnx.checker.check_model
run m.onnx --input bomb.npz                          | cannot read arrays from bomb.npz: ... | if that is meant, save it uncompressed: numpy.savez, not savez_compressed
run dims.onnx                                        | dims.onnx is no model that can be run: tensor 'w' has dims whose product overflows int64: [4611686018427387904, ... | export or download it again, and check it with onnx.checker.check_model
run no-data.onnx --seed 0                            | the external data of tensor 'w' in no-data.onnx cannot be used: there is no file 'gone' in the model's folder | put the data file beside the model, as a plain file under the name that the model gives
run m.onnx --format yaml                             | invalid value for '--format': 'yaml' is not one of 'table', 'json' | see onnxwright run --help
run m.onnx --sed 1                                   | onnxwright run has no option --sed | did you mean '--seed'? see onnxwright run --help

verify                                               | missing argument 'MODEL' | see onnxwright verify --help
verify m.onnx --atol nan                             | invalid value for '--atol': 'nan' is not a finite number | see onnxwright verify --help
verify m.onnx --rtol -1                              | invalid value for '--rtol': -1.0 is not in the range x>=0... | see onnxwright verify --help
verify m.onnx --expect none.npz                      | cannot read arrays from none.npz: No such file or directory | check the path
verify m.onnx --expect in.npz                        | in.npz has no output of the model: it has 'x' | name what the framework gave 'y'
verify m.onnx --expect y.npz                         | the expected outputs belong to inputs that are not all given: 'x' | give them by --input or in the same file, or the --seed of onnxwright run
verify m.onnx --expect one.npz                       | one.npz: 'z' is neither an input nor an output of the model | name the arrays after the outputs ('y') and inputs ('x')
verify m.onnx --expect x.npy                         | cannot read arrays from x.npy: it is a NumPy array, not a file of NumPy arrays (.npz) | write it by numpy.savez, under its name in the model
verify changed.onnx                                  | changed.onnx: its weights are not those that it was built with: their digest is not the one in its metadata (onnxwright.weights_sha256) | build it again; or remove that entry if the weights were changed on purpose
verify m.onnx --chunks 0                             | --chunks 0 are not numbers of steps | write them as in --chunks 3,4,1
verify m.onnx --chunks 1,2                           | the model has no states that go in as NAME_in and come out as NAME_out | build it with streaming=True
verify m.onnx --on cudaa                             | there is no runtime called 'cudaa' | did you mean 'cuda'? use one of numpy, ...
verify m.onnx --memory-limit 3                       | memory_limit is 3 bytes, but must be at least 1 MiB | it is the limit for each single array
verify m.onnx --against none.onnx                    | cannot read none.onnx: No such file or directory | check the path
verify m.onnx --against w.safetensors                | w.safetensors is a weights file (safetensors), not a model | build the model first: onnxwright build NETWORK.toml -w w.safetensors
verify m.onnx --against m.onnx --budget nan          | invalid value for '--budget': 'nan' is not a finite number | see onnxwright verify --help
verify net.toml                                      | net.toml is a network file, not a model | build the model first: onnxwright build net.toml -w WEIGHTS

quantize m.onnx                                      | missing option '--output' / '-o' | see onnxwright quantize --help
quantize m.onnx -o m.onnx                            | m.onnx is a file that is read here (m.onnx); it would be written over | give the output another path
quantize outside.onnx -o outside.data                | outside.data is a file that is read here (outside.data); it would be written over | give the output another path
quantize m.onnx -o in.npz --mode static -c in.npz    | in.npz is a file that is read here (in.npz); it would be written over | give the output another path
quantize m.onnx -o q.onnx --mode static              | --mode static takes the scales of activations from calibration data, and there is none | give --calibration FILE.npz with the model's inputs, once a batch; or --mode dynamic
quantize m.onnx -o q.onnx -c in.npz                  | --mode dynamic uses no calibration data | leave out --calibration, or give --mode static; errors are measured on --input
quantize m.onnx -o q.onnx --bits 4                   | --mode dynamic has 8 bits only | give --mode weight-only for 4 bits
quantize m.onnx -o q.onnx --mode weight-only --per-channel | --mode weight-only has a scale for each block of weights, so --per-channel means nothing | leave --per-channel out
quantize m.onnx -o q.onnx --for vax                  | invalid value for '--for': 'vax' is not one of 'any', 'this-machine', 'x86', 'x86-vnni', 'arm'... | see onnxwright quantize --help
quantize m.onnx -o x.npy --input x=x.npy             | x.npy is a file that is read here (x.npy); it would be written over | give the output another path
quantize m.onnx -o q.onnx --input z=x.npy            | the model has no input 'z' | its inputs are 'x'
quantize m.onnx -o q.onnx --mode statik              | invalid value for '--mode': 'statik' is not one of 'dynamic', 'static', 'weight-only' | did you mean 'static'? see onnxwright quantize --help
quantize m.onnx -o no/q.onnx                         | cannot write no/q.onnx: its folder is not there or not to be written to | check that the folder no exists and can be written to
quantize w.npz -o q.onnx                             | w.npz is a file of NumPy arrays (.npz), not a model | give the model's path; inputs go in as --input w.npz, ...

draft none.pt -o d.toml                              | weights file none.pt: cannot be read: no such file | check the path and its permissions
draft w.npz                                          | missing option '--output' / '-o' | see onnxwright draft --help
draft w.npz -o net.toml                              | net.toml is there already, perhaps with choices that were made in it | give another -o, or --force to write over it
draft w.npz -o w.npz --force                         | w.npz is a file that is read here (w.npz); it would be written over | give the output another path
draft net.toml -o d.toml                             | weights file net.toml: suffix '.toml' is not known, needs one of .npz, ... | save the arrays with numpy.savez or safetensors.numpy.save_file

extract none.onnx -o w2.npz                          | cannot read none.onnx: No such file or directory | check the path
extract m.onnx                                       | missing option '--output' / '-o' | see onnxwright extract --help
extract m.onnx -o m.onnx                             | m.onnx is a file that is read here (m.onnx); it would be written over | give the output another path
extract m.onnx -o w2.npz --network m.onnx            | m.onnx is a file that is read here (m.onnx); it would be written over | give the output another path
extract m.onnx -o w2.npz --network w2.npz            | w2.npz would be written twice, for two outputs | give each its own path
extract m.onnx -o w2.npz --network n2.toml --layout torch | --network names the arrays itself, --layout as a framework does | give one of the two
extract m.onnx -o w2.npz --network no/n2.toml        | cannot write no/n2.toml: its folder is not there or not to be written to | check that the folder no exists and can be written to
extract m.onnx -o w2.pt                              | w2.pt is to be a weights file, and its suffix '.pt' tells none | call it FILE.safetensors or FILE.npz

inspect m.onnx --dim nobody=2                        | the model has no dim 'nobody' | its dims are batch
inspect m.onnx --results r.json                      | --results is for --node-data | add --node-data FOLDER, or leave it out
inspect m.onnx --error-on cpu                        | --error-on is for --node-data | add --node-data FOLDER, or leave it out
inspect m.onnx --node-data nd --error-on cudaa       | there is no runtime called 'cudaa' | did you mean 'cuda'? use one of numpy, ...
inspect m.onnx --node-data no/data                   | the system refused: ... | ...
inspect m.onnx --node-data m.onnx                    | cannot write m.onnx/operations.json: ... | ...
inspect none.onnx                                    | cannot read none.onnx: No such file or directory | check the path
inspect w.npz --entry ema                            | weights file w.npz: it has no part 'ema': its format has none | leave the entry out
inspect m.onnx n.onnx                                | got unexpected extra argument (n.onnx)... | see onnxwright inspect --help

lint                                                 | missing argument 'MODEL' | see onnxwright lint --help
lint m.onnx --explain recurent-weights               | there is no rule 'recurent-weights' | did you mean 'recurrent-weights'? the rules are ...
lint m.onnx --fix m.onnx                             | m.onnx is a file that is read here (m.onnx); it would be written over | give the output another path
lint m.onnx --fix fixed.onnx                         | m.onnx has nothing that --fix mends | see the findings: onnxwright lint MODEL
lint m.onnx -t cudda                                 | target 'cudda' is not known | did you mean 'cuda'? use one of cpu, cuda, ...
lint none.onnx -t cuda                               | cannot read none.onnx: No such file or directory | check the path
lint in.npz -t cuda                                  | in.npz is a file of NumPy arrays (.npz), not a model | give the model's path; inputs go in as --input in.npz, ...
lint m.onnx -t cuda --fail-on sometimes              | invalid value for '--fail-on': 'sometimes' is not one of ... | see onnxwright lint --help

bundle m.onnx                                        | a bundle is made of a model, for a target, as a folder; one of them is not given | write onnxwright bundle MODEL --for ...
bundle m.onnx --for tritn -o q                       | bundles are not made for 'tritn' | did you mean 'triton'? use one of triton...
bundle none.onnx --for triton -o q                   | cannot read none.onnx: No such file or directory | check the path
bundle net.toml --for triton -o q                    | net.toml is a network file, not a model | build the model first: onnxwright build net.toml -w WEIGHTS
bundle m.onnx --for triton -o dir/..                 | dir/.. is there already, and is no bundle that onnxwright has made | give the path of a folder that is not there yet
bundle m.onnx --for triton -o m.onnx --replace       | m.onnx is there already, and is no bundle that onnxwright has made | give the path of a folder that is not there yet
bundle m.onnx --for triton -o no/q                   | cannot write no/q: its folder is not there or not to be written to | check that the folder no exists and can be written to
bundle m.onnx --for triton -o q --states server      | --states server: the model has no states that the server could keep | build it with streaming=True; or leave --states out
bundle m.onnx --for triton -o q --warm-up 1 --dim x  | --dim x gives no size | write --dim NAME=SIZE, as time=100
bundle m.onnx --for triton -o q --name a/b           | a served model cannot be called 'a/b' | give --name with letters, digits, '_', '.' and '-', a letter or digit first
bundle m.onnx --for triton -o q --accelerator tpu    | --accelerator tpu: Triton has no such one | use one of cpu, cuda, tensorrt, openvino
bundle m.onnx --for triton -o q --max-batch -1  | invalid value for '--max-batch': -1 is not in the range x>=0... | see onnxwright bundle --help
bundle m.onnx --for web -o q                         | a page needs onnxruntime-web, and no folder of it is given | npm install onnxruntime-web, and give --onnxruntime-web node_modules/onnxruntime-web
bundle m.onnx --for kserve -o q                      | KServe fetches the model from a storage, and none is given | give --storage-uri, such as pvc://CLAIM/models or s3://BUCKET/models
bundle m.onnx --for mlserver -o q --states server    | --states server: MLServer keeps no states between requests | leave it out: the client sends each chunk's states with the next; ...
bundle m.onnx --for ray-serve -o q --max-delay 9 | --max-delay says nothing to Ray Serve | leave it out
bundle m.onnx --check dir                            | --check looks at a bundle that is there, and makes none | leave out the model and -o
bundle --check dir                                   | what dir is for cannot be told by what lies in it | say it: --for triton...
bundle --check none                                  | none is no folder | give the folder that onnxwright bundle has written
bundle --check m.onnx                                | m.onnx is no folder | give the folder that onnxwright bundle has written

providers now                                        | got unexpected extra argument (now)... | see onnxwright providers --help
providers --format xml                               | invalid value for '--format': 'xml' is not one of 'table', 'json' | see onnxwright providers --help

compare r.json                                       | compare takes two files, BASE and NEW, and 1 are given | write onnxwright compare BASE NEW, or BASE... NEW... --replicates N
compare r.json r.json r.json                         | compare takes two files, BASE and NEW, and 3 are given | write onnxwright compare BASE NEW, or BASE... NEW... --replicates N
compare r.json r.json --replicates 4                 | compare takes 4 files a side, and 2 are given | write onnxwright compare BASE NEW, or BASE... NEW... --replicates N
compare none.json r.json                             | cannot read results none.json: No such file or directory | ...
compare r.json r.json                                | r.json... | ...
compare bad.json bad.json                            | bad.json... | ...
compare m.onnx m.onnx                                | m.onnx is a model, not results | give a file written by bench --export-json or bench --out
compare r.json r.json --min-effect lots              | --min-effect 'lots' is not a share between 0 and 1 | write it as 2% or 0.02

report none.json                                     | cannot read results none.json: No such file or directory | ...
report r.json                                        | r.json... | ...
report bad.json                                      | bad.json... | ...
report dir                                           | cannot read results dir: Is a directory | ...
report m.onnx                                        | m.onnx is a model, not results | give a file written by bench --export-json or bench --out
compare r.json r.json -o r.json                      | r.json is a file that is read here (r.json); it would be written over | give the output another path
compare r.json r.json -o q.pdf                       | the ending of -o q.pdf names no format | end it in .html, .md, .csv or .json, or say --format
report r.json -o q                                   | the ending of -o q names no format | end it in .html, .md, .csv or .json, or say --format
report r.json -o no/q.html                           | cannot write no/q.html: its folder is not there or not to be written to | check that the folder no exists and can be written to
report r.json -o dir --format html                   | cannot write dir: it is no plain file | give the path of a file
report r.json --format html --format csv             | 2 formats cannot share stdout | name a file for each, such as -o report.html
report r.json --format pdf                           | invalid value for '--format': 'pdf' is not one of ... | see onnxwright report --help
report r.json none.json -o q.html                    | r.json... | ...
report                                               | missing argument 'RESULTS...' | see onnxwright report --help
report r.json --html                                 | onnxwright report has no option --html... | ...

bench none.onnx --on numpy                           | cannot read none.onnx: No such file or directory | check the path
bench w.npz --on numpy                               | w.npz is a file of NumPy arrays (.npz), not a model | ...
bench m.onnx --against m.onnx --on numpy             | --against m.onnx has no model to be held against it | name it and at least one other: onnxwright bench A.onnx B.onnx --against A.onnx
bench m.onnx --on cdua                               | there is no runtime called 'cdua' | did you mean 'cuda'? ...
bench m.onnx --on numpy --axis batch                 | --axis 'batch' is not a name and a value | write it as batch=1,8,64
bench m.onnx --on numpy --axis batch=x               | --axis batch: 'x' is not a whole number ... | ...
bench m.onnx --on numpy --axis nobody=1              | --axis nobody: no model has a dim of that name | ...
bench m.onnx --on numpy --axis x.0=1                 | --axis x.0: dim 0 of 'x' is called batch | write --axis batch=
bench m.onnx --on numpy --axis batch,batch=1         | --axis: 'batch' is bound twice | give it sizes in one axis
bench m.onnx --rounds 1                              | invalid value for '--rounds': 1 is not in the range 3<=x<=2000... | see onnxwright bench --help
bench m.onnx --on numpy --memory-limit lots          | --memory-limit 'lots' is not a size | ...
bench m.onnx --on numpy --load warm=3                | --load 'warm=3' is no kind of load | ...
bench m.onnx --on numpy --export-json m.onnx         | m.onnx is a file that is read here (m.onnx); it would be written over | give the output another path
bench outside.onnx --on numpy --export-json outside.data | outside.data is a file that is read here (outside.data); it would be written over | give the output another path
bench m.onnx --on numpy --input x=x.npy --export-csv x.npy | x.npy is a file that is read here (x.npy); it would be written over | give the output another path
bench m.onnx --on numpy --export-json e.json --export-csv e.json | e.json would be written twice, for two outputs | give each its own path
bench m.onnx --on numpy --export-csv dir             | --export-csv dir is a folder | give the path of a file
bench m.onnx --on numpy --input x=none.npy           | cannot read arrays from none.npy: No such file or directory | check the path
bench m.onnx --on numpy --columns tmie                | there is no column called 'tmie' | did you mean 'time'? use some of model, runtime, time, ...
bench m.onnx --on numpy --wide --columns time        | --wide and --columns are both given | give one of them
bench m.onnx --on numpy --dry-run --axis nobody=1    | --axis nobody: no model has a dim of that name | ...
bench m.onnx --on numpy --dry-run --load warm=3      | --load 'warm=3' is no kind of load | ...
bench m.onnx --fail-on never                         | invalid value for '--fail-on': 'never' is not one of 'wrong', 'failed' | see onnxwright bench --help
bench m.onnx --on numpy --env x                      | --env 'x' is not a name and a value | ...
bench m.onnx --env a=/x --env a=/y                      | --env a is given twice | give each environment its own name
bench --suite lstm-latncy                               | there is no suite 'lstm-latncy' | did you mean 'lstm-latency'? the suites are lstm-latency (...
bench m.onnx --suite lstm-latency                       | the suite lstm-latency has no model 'm.onnx' | leave it out for all of them, or name some of lstm-a/window, lstm-a/step, ...
bench --suite lstm-latency --size small                 | --size is of the built-in cases, not of a suite | leave it out
bench lstm-a/windo --on numpy                           | lstm-a has no form 'windo' | did you mean 'window'? write lstm-a/window or lstm-a/step
bench m.onnx --on numpy --load poisson=100%             | --load 'poisson=100%' is no kind of load | ...
bench m.onnx --ort latest                               | --ort: 'latest' is no release of onnxruntime | write it as 1.20 or 1.20.1
bench m.onnx --ort 1.20,                                | --ort: '' is no release of onnxruntime | write it as 1.20 or 1.20.1
bench m.onnx --ort 1.20,1.20                            | --ort names 1.20 twice | give each release once
bench m.onnx --ort 1.20 --env 1.20=/x                   | --env 1.20 and --ort 1.20 are both given | give one of them
bench m.onnx --dry-run --ort 1.20 --on numpy            | --ort measures cpu, which is not one of numpy | add --on cpu or leave out --on; the package onnxruntime has no other provider, so name environments with others by --env
bench m.onnx --dry-run --ort 1.20 --against 1.21        | --against 1.21: no runtime of cpu@1.20 runs on that release | add it to --ort, or name one that is there
bench m.onnx --on numpy --out m.onnx                 | ... | ...
bench m.onnx --on numpy --served timeout               | --served 'timeout' is not a name and a value | write it as timeout=5
bench --resume none.jsonl                            | ... | ...
bench --resume m.onnx                                | m.onnx is a model, not results | give a file written by bench --export-json or bench --out
bench lstm/tiny --on numpy                           | there is no size class 'tiny' | use one of small, medium, large, as in lstm/small

serve                                                | there is nothing to serve | give MODEL.onnx, or --repository DIR
serve none.onnx                                      | cannot read none.onnx: No such file or directory | check the path
serve w.npz                                          | w.npz is a file of NumPy arrays (.npz), not a model | ...
serve m.onnx --on cdua                               | there is no runtime called 'cdua' | did you mean 'cuda'? ...
serve m.onnx --port 70000                            | invalid value for '--port': 70000 is not in the range 0<=x<=65535... | see onnxwright serve --help
serve m.onnx --port 0 --host 192.0.2.1               | cannot listen at 192.0.2.1:0: ... | give another --host or --port; --port 0 takes any that is free
serve m.onnx --tls-cert w.npz                        | TLS needs a certificate and its key | give --tls-cert and --tls-key
serve m.onnx --port 0 --tls-cert w.npz --tls-key m.onnx | the certificate or key cannot be used: ... | give PEM files: the certificate chain, and its private key without a password
serve m.onnx --token-file none.txt                   | cannot read the token in none.txt: No such file or directory | check the path and its permissions
serve m.onnx --token-file w.npz                      | w.npz holds no token | a token is one line of printable ASCII characters
serve m.onnx --token-file empty.onnx                 | empty.onnx holds no token | a token is one line of printable ASCII characters
serve m.onnx --token-env ONNXWRIGHT_UNSET            | $ONNXWRIGHT_UNSET is not set | set it, or name another variable
serve m.onnx --token-env A --token-file B            | the token is to come from B and from $A | name one of the two
serve m.onnx --max-request lots                      | --max-request 'lots' is not a size | write it as 512MiB or 2G
serve m.onnx --states server                         | the model 'm' has no states that go in as NAME_in and come out as NAME_out | build it with streaming=True, or serve it without --states server
serve centred.onnx --max-batch 4                     | requests to the model 'centred' cannot be joined: what a row gives depends on the rows beside it | leave out --max-batch
serve m.onnx m.onnx                                  | two models are called 'm' version 1 | give one another name: NAME=MODEL.onnx
serve a/b=m.onnx                                     | 'a/b' cannot be the name of a served model | write NAME=MODEL.onnx with a name of letters, digits and dashes
serve --repository dir                               | dir has no NAME/VERSION/model.onnx | ...
serve --repository none                              | cannot read the folder none: No such file or directory | check the path

demo --net lent                                      | invalid value for '--net': 'lent' is not one of ... | did you mean 'lenet'? see onnxwright demo --help
demo --processes 1                                   | invalid value for '--processes': 1 is not in the range x>=... | see onnxwright demo --help
demo --out net.toml                                  | cannot make the folder net.toml: File exists | give another with --out
"""  # noqa: E501


def rows() -> list[tuple[str, str, str]]:
    """Return command line, problem and remedy of every row."""
    split = (line.split(" | ") for line in ROWS.splitlines() if line)
    return [(line.strip(), problem.strip(), remedy.strip()) for line, problem, remedy in split]
