"""python -m xuxie.ingest --raw ... --out ... --metrics ..."""

from xuxie.entry import stage_process

if __name__ == "__main__":
    with stage_process("ingest") as stage:
        from xuxie.ingest.stage import run

        run(
            stage.config.ingest,
            raw=stage.path("raw"),
            out=stage.path("out"),
            arrivals=stage.path("arrivals"),
            metrics=stage.path("metrics"),
        )
