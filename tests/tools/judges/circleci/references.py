"""Checks that every name a CircleCI configuration uses is defined in it: prints FILE: MESSAGE, exits 1.

Names of orbs (node/install) are taken on trust once the orb itself is declared.
"""
import json
import re
import sys

import yaml

BUILT_IN_STEPS = {"add_ssh_keys", "attach_workspace", "checkout", "persist_to_workspace", "restore_cache", "run", "save_cache",
                  "setup_remote_docker", "store_artifacts", "store_test_results", "unless", "when"}


def problems(config):
    orbs, jobs, commands, executors = (set(config.get(key) or {}) for key in ("orbs", "jobs", "commands", "executors"))

    def known(name, names):
        return name in names or name.split("/")[0] in orbs and "/" in name

    def steps(where, items):
        for step in items or []:
            name, body = (step, {}) if isinstance(step, str) else next(iter(step.items()))
            if not known(name, commands | BUILT_IN_STEPS):
                yield f"{where}: no command named {name!r}"
            if name in ("when", "unless"):
                yield from steps(where, (body or {}).get("steps"))
            defined = ((config.get("commands") or {}).get(name) or {}).get("parameters") or {}
            given = set(body or {}) if isinstance(body, dict) else set()
            if name in commands:
                yield from (f"{where}: command {name!r} has no parameter {key!r}" for key in given - set(defined))
                yield from (f"{where}: command {name!r} needs the parameter {key!r}" for key, value in defined.items()
                            if "default" not in (value or {}) and key not in given)

    def undefined(where, item):
        """Parameters that the text of a command, a job or an executor names and that it does not declare."""
        for used in sorted(set(re.findall(r"(?<!\\\\)<< *parameters\.([\w-]+) *>>", json.dumps(item))) - set(item.get("parameters") or {})):
            yield f"{where}: no parameter named {used!r}"

    for kind, key in (("command", "commands"), ("job", "jobs"), ("executor", "executors")):
        for name, item in (config.get(key) or {}).items():
            yield from undefined(f"{kind} {name}", item)
    for name, workflow in (config.get("workflows") or {}).items():
        for entry in (workflow.get("jobs") or []) if isinstance(workflow, dict) else []:
            called, body = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
            body = body or {}
            job = (config.get("jobs") or {}).get(called) or {}
            given = set(body) | set((body.get("matrix") or {}).get("parameters") or {})
            declared = job.get("parameters") or {}
            if called in jobs:
                yield from (f"workflow {name}: {called} needs the parameter {key!r}" for key, value in declared.items()
                            if "default" not in (value or {}) and key not in given)
                yield from (f"workflow {name}: {called} has no parameter {key!r}" for key in (body.get("matrix") or {}).get("parameters") or {}
                            if key not in declared)
    for name, command in (config.get("commands") or {}).items():
        yield from steps(f"command {name}", command.get("steps"))
    for name, job in (config.get("jobs") or {}).items():
        yield from steps(f"job {name}", job.get("steps"))
        executor = job.get("executor")
        executor = executor.get("name") if isinstance(executor, dict) else executor
        if executor and "<<" not in executor and not known(executor, executors):
            yield f"job {name}: no executor named {executor!r}"
        if not {"executor", "docker", "machine", "macos", "type"} & set(job):
            yield f"job {name}: says nowhere to run (executor, docker, machine or macos)"
    for name, workflow in (config.get("workflows") or {}).items():
        if not isinstance(workflow, dict):
            continue
        entries = [(entry, {}) if isinstance(entry, str) else next(iter(entry.items())) for entry in workflow.get("jobs") or []]
        labels = {(body or {}).get("name", job) for job, body in entries}
        # A matrix is required as a whole by its alias, which defaults to the job's own name.
        labels |= {body["matrix"].get("alias", job) for job, body in entries if isinstance((body or {}).get("matrix"), dict)}
        needs = {(body or {}).get("name", job): [need if isinstance(need, str) else next(iter(need))
                                                 for need in (body or {}).get("requires") or []] for job, body in entries}
        for job, body in entries:
            if (body or {}).get("type") != "approval" and not known(job, jobs):
                yield f"workflow {name}: no job named {job!r}"
        for label, required in needs.items():
            yield from (f"workflow {name}: {label} requires {need!r}, which is not in the workflow" for need in required if need not in labels)
        yield from (f"workflow {name}: {label} requires itself" for label in needs if reaches(label, needs))


def reaches(start, needs):
    waiting, seen = list(needs[start]), set()
    while waiting:
        job = waiting.pop()
        if job == start:
            return True
        if job not in seen:
            seen.add(job)
            waiting += needs.get(job, [])
    return False


found = []
for file in sys.argv[1:]:
    try:
        with open(file) as text:
            config = yaml.safe_load(text)
        found += [f"{file}: {problem}" for problem in (problems(config) if isinstance(config, dict) else ["is no mapping"])]
    except (yaml.YAMLError, AttributeError, TypeError) as error:  # the schema says it better
        found.append(f"{file}: cannot read: {' '.join(str(error).split())}")
print("\n".join(found))
sys.exit(bool(found))
