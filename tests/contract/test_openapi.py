"""The OpenAPI document is complete, and what is generated from it finds no server error and no undeclared answer."""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from schwung.app.keys import create_key
from schwung.app.wiring import create_workspace
from schwung.collect.wire import CALLS
from schwung.web.app import create_app

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """A key that opens everything, and the document."""
    workspace = create_workspace(tmp_path_factory.mktemp("openapi") / "shop", "")
    app = create_app(workspace, console=False)
    yield create_key(workspace, "shop", "admin"), schemathesis.openapi.from_asgi("/openapi.json", app)
    app.state.receiver.close()
    workspace.store.close()


@pytest.mark.parametrize("most", [2, pytest.param(4, marks=pytest.mark.heavy)])
def test_nothing_generated_from_the_document_breaks_the_server(most: int, served: tuple[str, Any]) -> None:
    key, document = served
    tried: Counter[str] = Counter()
    for operation, mode in product([found.ok() for found in document.get_all_operations()], GenerationMode):
        if (operation.path, mode) == ("/health", GenerationMode.NEGATIVE):
            continue  # it takes nothing that could be wrong

        @settings(
            max_examples=most // 2 if mode is GenerationMode.POSITIVE and _is_analysis(operation) else most,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def try_it(case: schemathesis.Case) -> None:
            tried[case.operation.path] += 1
            if isinstance(case.query, dict) and case.query.get("engine") == "spark":
                # A session of Spark's for each would take minutes; its contracts try it.
                case.query["engine"] = "duckdb"
            case.call_and_validate(auth=(key, ""), checks=CHECKS, timeout=60)

        try_it()
    assert len(tried) > 20 and min(tried.values()) >= 1


def _is_analysis(operation: Any) -> bool:
    """It works for seconds on what is right, even where there is nothing; what is wrong it refuses at once."""
    return any(parameter.name == "engine" for parameter in operation.query)


def test_the_document_names_every_call_and_every_route(served: tuple[str, Any]) -> None:
    document = served[1].raw_schema
    paths = set(document["paths"])
    assert {f"/v1/{call}" for call in (*CALLS, "batch")} | {"/health"} <= paths
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"] and operation["responses"], path
            if path.startswith("/api/"):
                assert operation["security"], f"{path} is open to everyone"
