from fastapi.testclient import TestClient

from app.main import app


def test_adds_a_note() -> None:
    response = TestClient(app).post("/notes", json={"text": "buy milk"})
    assert response.status_code == 201
    assert response.json()["id"] > 0
