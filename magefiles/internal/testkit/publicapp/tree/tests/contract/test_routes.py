def test_every_route_is_mounted_twice():
    import main  # makes a database file beside it

    paths = set(main.app.openapi()["paths"])
    old = {path.removeprefix("/api/v1") for path in paths if path.startswith("/api/v1/")}
    new = {path.removeprefix("/api") for path in paths if path.startswith("/api/")} - {f"/v1{path}" for path in old}
    assert old == new
