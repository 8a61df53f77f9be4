import pytest

from shortener import create_app


@pytest.fixture
def client():
    return create_app().test_client()


def test_follows_a_short_link(client):
    code = client.post("/links", json={"url": "https://example.org/"}).get_json()["code"]
    assert client.get(f"/{code}").location == "https://example.org/"


def test_unknown_code(client):
    assert client.get("/zz").status_code == 404
