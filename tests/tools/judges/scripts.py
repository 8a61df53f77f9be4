"""Gives each shell script in a CI configuration to shellcheck: prints FILE: JOB: LINE: MESSAGE, exits 1.

usage: scripts.py gitlab|circleci|jenkins FILE...
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml


class Loader(yaml.SafeLoader):
    """Takes GitLab's !reference, which stands for lines that are written, and judged, elsewhere."""


Loader.add_multi_constructor("!", lambda loader, tag, node: None)


def mapping(value):
    return value if isinstance(value, dict) else {}


def lines(value):
    """A string, or a list of strings and lists, as GitLab takes it."""
    if isinstance(value, list):
        return [line for item in value for line in lines(item)]
    return [value] if isinstance(value, str) else []


def gitlab(file):
    """GitLab runs before_script and script as one; the shell is what the image has, so bash cannot be relied on."""
    for name, job in mapping(yaml.load(pathlib.Path(file).read_text(), Loader)).items():
        job = mapping(job)
        for keys in (["before_script", "script"], ["after_script"]):
            text = "\n".join(line for key in keys for line in lines(job.get(key)))
            if text:
                yield name, "sh", text
        hooks = mapping(job.get("hooks"))
        if lines(hooks.get("pre_get_sources_script")):
            yield f"{name}: hooks", "sh", "\n".join(lines(hooks["pre_get_sources_script"]))


def circleci(file):
    def runs(node):
        if isinstance(node, dict):
            if "run" in node:
                body = node["run"]
                yield mapping(body).get("shell", ""), body if isinstance(body, str) else mapping(body).get("command") or ""
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                yield from runs(child)

    config = mapping(yaml.load(pathlib.Path(file).read_text(), Loader))
    for kind in ("commands", "jobs"):
        for name, body in mapping(config.get(kind)).items():
            for shell, text in runs(body):
                text = re.sub(r"(?<!\\)<<\s*[\w.-]+\s*>>", "parameter", text).replace("\\<<", "<<")
                yield name, "sh" if re.match(r"(/bin/)?sh\b", shell) else "bash", text


def jenkins(files):
    """The judge of Jenkinsfiles writes the argument of each `sh` step to a file; one run does it for all of them."""
    with tempfile.TemporaryDirectory() as folder:
        found = subprocess.run(["jenkinsfile-judge", "--scripts", folder, *files], text=True, stdout=subprocess.PIPE, check=True).stdout
        for entry in found.splitlines():
            file, line, script = entry.split("\t")
            yield file, f"sh in line {line}", "sh", pathlib.Path(script).read_text()


def main(platform, *files):
    scripts, problems = [], []
    if platform == "jenkins":
        scripts = list(jenkins(files))
    for file in files if platform != "jenkins" else []:
        try:
            scripts += [(file, *script) for script in {"gitlab": gitlab, "circleci": circleci}[platform](file)]
        except yaml.YAMLError as error:
            problems.append(f"{file}: cannot read: {' '.join(str(error).split())}")
    with tempfile.TemporaryDirectory() as folder:
        owners = {}
        for number, (file, name, shell, text) in enumerate(scripts):
            first, _, rest = text.partition("\n")
            # All three platforms stop a script at the first command that fails.
            text = text if first.startswith("#!") else f"#!/bin/{shell} -e\n{text}"
            pathlib.Path(folder, str(number)).write_text(text + "\n")
            owners[str(number)] = file, name, not first.startswith("#!")
        # One run for all: a process for each of a thousand scripts would take minutes.
        # SC2016: single quotes are how a word of the project is kept from the shell, whatever it looks like.
        command = ["shellcheck", "-f", "gcc", "-e", "SC2016", *owners]
        said = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE).stdout if owners else ""
    for finding in said.splitlines():
        number, line, _, message = finding.split(":", 3)
        file, name, shifted = owners[number]
        problems.append(f"{file}: {name}: line {int(line) - shifted}: {message.strip()}")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
