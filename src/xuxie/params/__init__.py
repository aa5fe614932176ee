"""Stage: composes conf/ into params.yaml. The only room that imports hydra."""
