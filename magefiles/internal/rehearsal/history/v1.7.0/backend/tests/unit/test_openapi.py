"""The API's description."""

from app.main import create_app
from app.settings import Settings


def test_every_operation_has_a_description_and_a_name_of_its_own() -> None:
    operations = [
        operation
        for path in create_app(Settings()).openapi()["paths"].values()
        for operation in path.values()
    ]

    assert all(operation["description"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)
