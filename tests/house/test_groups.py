"""Tests of one xdist group come to one worker: otherwise each worker would start a Spark of its own."""

import pytest


@pytest.mark.xdist_group("groups_hold")
def test_groups_hold(request: pytest.FixtureRequest) -> None:
    if not hasattr(request.config, "workerinput"):
        return  # one process has everything anyway
    assert request.node.nodeid.endswith("@groups_hold"), "xdist and pytest do not fit together; see pyproject.toml"
