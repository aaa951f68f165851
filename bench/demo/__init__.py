"""The main job on real data: build the digits nets, prove them right, measure how fast they are."""
