import nox

nox.options.sessions = ["lint", "tests"]


@nox.session(python=["3.12", "3.13", "3.14"])
def tests(session):
    session.install(".", "pytest")
    session.run("pytest", "--junitxml=junit.xml", *session.posargs)


@nox.session
def lint(session):
    session.install("ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(name="type-check")
def type_check(session):
    session.install(".", "mypy")
    session.run("mypy", "checksum_lines")
