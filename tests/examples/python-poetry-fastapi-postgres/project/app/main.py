import os

from fastapi import FastAPI
from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_URL"])
app = FastAPI()


@app.post("/notes", status_code=201)
def add(note: dict[str, str]) -> dict[str, int]:
    with engine.begin() as connection:
        row = connection.execute(text("INSERT INTO notes (text) VALUES (:text) RETURNING id"), note).one()
    return {"id": row.id}
