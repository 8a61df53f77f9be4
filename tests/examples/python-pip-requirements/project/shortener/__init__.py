from flask import Flask, abort, redirect, request

from shortener.codes import encode


def create_app():
    app = Flask(__name__)
    links = []

    @app.post("/links")
    def add():
        links.append(request.get_json()["url"])
        return {"code": encode(len(links) - 1)}, 201

    @app.get("/<code>")
    def follow(code):
        for number, url in enumerate(links):
            if encode(number) == code:
                return redirect(url)
        abort(404)

    return app
