"""The engines under test: every contract runs on DuckDB and on one Spark session; gaps are declared, not skipped."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from schwung.app.ports import Engine, EngineName
from schwung.core.errors import SetupError

SPARK = pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.xdist_group("spark")])
ENGINES = ["duckdb", SPARK]
QUICK_START = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:NewRatio=1 -XX:ReservedCodeCacheSize=240m -XX:MetaspaceSize=300m "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
"""Java compiles quickly and once: each plan here runs once or twice, over a few rows. It takes Spark's classes as they are,
and what it has loaded is not looked through for what could go."""
FEW_ROWS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
}
"""For the same reason plans are interpreted, in one piece, which no job for a part of it precedes; the answers are the same."""


def lacks(engine: EngineName, reason: str) -> pytest.MarkDecorator:
    """Declares that an engine cannot do what the test asks: it must fail there, so that a closed gap is noticed."""
    return pytest.mark.lacks(engine, reason)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> EngineName:
    """`duckdb`, then `spark`; for whatever takes an engine by its name."""
    name: EngineName = request.param
    for mark in request.node.iter_markers("lacks"):
        if mark.args[0] == name:
            request.applymarker(pytest.mark.xfail(reason=mark.args[1], strict=True))
    if name == "spark":
        _need_spark()
    return name


@pytest.fixture
def engine(engine_name: EngineName, tmp_path: Path) -> Iterator[Engine]:
    """An engine of that name."""
    made = start(engine_name, tmp_path)
    yield made
    made.close()


def start(name: EngineName, folder: Path) -> Engine:
    if name == "duckdb":
        from schwung.lake.engines.duckdb import DuckDBEngine

        return DuckDBEngine(memory="500MB", spill_folder=folder / "spill")
    from schwung.lake.engines.spark import SparkEngine

    os.environ.setdefault("JAVA_TOOL_OPTIONS", QUICK_START)
    engine = SparkEngine()
    for setting, value in FEW_ROWS.items():
        engine.backend._session.conf.set(setting, value)
    return engine


def _need_spark() -> None:
    from schwung.lake.engines.spark import java_home

    pytest.importorskip("pyspark", reason="PySpark is not installed (pip install 'schwung[spark]')")
    try:
        java_home()
    except SetupError as error:
        pytest.skip(error.message.en)
