"""A folder for Ray Serve."""

from collections.abc import Iterator
from typing import Any

from .own_server import find_own
from .problem import Problem
from .structured import at, read_json_file, read_yaml
from .tree import Tree

CONFIG = "config.yaml"


def check_ray(tree: Tree) -> Iterator[Problem]:
    """Yield what is wrong with the folder."""
    config = read_yaml(tree, CONFIG)
    if isinstance(config, Problem):
        yield config
        return
    applications = config.get("applications")
    if not isinstance(applications, list) or not applications:
        yield Problem(CONFIG, "it has no applications", "nothing is served", "bundle it again")
        return
    for place in range(len(applications)):
        path = at(applications, place, "import_path")
        module = path.partition(":")[0] if isinstance(path, str) else ""
        if f"{module.replace('.', '/')}.py" not in tree.files:
            yield Problem(
                CONFIG,
                f"import_path is {path!r:.80}, and there is no such program in the folder",
                "the application does not start, unless the module is installed there",
                "write import_path: app:app",
            )
    if at(applications, 0, "import_path") == "app:app" and "model.json" in tree.files:
        found = find_own(tree, ("app.py", "onnx_model.py"))
        yield from (problem for problem in found if isinstance(problem, Problem))
        yield from _replicas(tree, applications)


def _replicas(tree: Tree, applications: Any) -> Iterator[Problem]:
    """Judge the number of replicas: only for that in model.json is a stream sent to one of them."""
    facts = read_json_file(tree, "model.json")
    count = at(applications, 0, "deployments", 0, "num_replicas")
    if isinstance(facts, Problem) or not facts.get("keeps_states"):
        return
    written = facts.get("instances")
    if count not in (None, written):
        yield Problem(
            CONFIG,
            f"num_replicas is {count!r:.40}, and model.json is for {written!r:.40}",
            "a stream's requests reach replicas that do not have its states: they are refused",
            "bundle it again with --instances",
        )
