"""python -m xuxie.train --tokens ... --tokenizer ... --pretrained ... --out ... (see dvc.yaml)"""

from xuxie.entry import stage_process

if __name__ == "__main__":
    with stage_process("train") as stage:
        from xuxie.train.place import run

        run(
            stage.config.engine,
            stage.config.train,
            stage.config.model,
            stage.config.track,
            tokens=stage.path("tokens"),
            tokenizer=stage.path("tokenizer"),
            pretrained=stage.path("pretrained"),
            out=stage.path("out"),
            metrics=stage.path("metrics"),
            curves=stage.path("curves"),
        )
