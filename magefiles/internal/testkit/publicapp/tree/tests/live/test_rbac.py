import requests


def test_nobody_reads_printers_without_a_login(base_url):
    assert requests.get(f"{base_url}/api/v1/printers", timeout=10).status_code == 401


def test_an_administrator_adds_a_printer_once(base_url, admin):
    answers = [
        admin.post(f"{base_url}/api/v1/printers", json={"name": "Prusa 1"}, timeout=10).status_code for _ in range(2)
    ]
    assert answers == [201, 409]
