"""Ask an application what its API is, in the application's own environment.

usage: routes.py MODULE:NAME OUTPUT

Imports the application (or its factory) from the current folder and writes
{"openapi": ..., "failures": [...], "modules": [...]} to OUTPUT. A failure is a module of the
application that raised while it was imported, even when the application
swallowed the exception: its routes would be missing without a word. The modules
are those that were imported. If the application cannot be asked, {"error": ...} says
why, the whole traceback is on standard error, and the exit code is 1.
"""

import builtins
import importlib
import importlib.machinery
import json
import os
import sys
import traceback

ROOT = os.getcwd()
failures = {}


def own(path):
    """Tell whether a file is the application's and not a dependency's."""
    if path.startswith("<"):  # such as <frozen importlib._bootstrap>
        return False
    path = os.path.abspath(path)
    return path.startswith(ROOT + os.sep) and "site-packages" not in path


def note(module, path, error):
    failures.setdefault(module, {"module": module, "file": path, "error": f"{type(error).__name__}: {error}"})


def watch_execution():
    """Note modules of the application that raise while they are executed."""
    execute = importlib.machinery.SourceFileLoader.exec_module

    def watched(loader, module):
        try:
            return execute(loader, module)
        except Exception as error:
            if own(loader.path):
                note(module.__name__, loader.path, error)
            raise

    importlib.machinery.SourceFileLoader.exec_module = watched


def is_own_package(name):
    top = name.partition(".")[0]
    return os.path.isdir(os.path.join(ROOT, top)) or os.path.isfile(os.path.join(ROOT, top + ".py"))


def noting_absence(find):
    """Wrap an import function to note modules of the application that are not there."""

    def watched(name, *args, **kwargs):
        try:
            return find(name, *args, **kwargs)
        except ModuleNotFoundError as error:
            if error.name and is_own_package(error.name):
                note(error.name, "", error)
            raise

    return watched


def watch_absence():
    """Note what is imported from the application and does not exist."""
    find = noting_absence(builtins.__import__)

    def watched(name, globals=None, locals=None, fromlist=(), level=0):
        module = find(name, globals, locals, fromlist, level)
        for item in fromlist or ():
            # The statement itself raises, after this, where no hook sees it.
            if item != "*" and not hasattr(module, item) and is_own_package(module.__name__):
                name = f"{module.__name__}.{item}"
                note(name, "", ImportError(f"cannot import name {item!r} from {module.__name__!r}"))
        return module

    builtins.__import__ = watched
    importlib.import_module = noting_absence(importlib.import_module)


def application(reference):
    module, _, name = reference.partition(":")
    found = getattr(importlib.import_module(module), name)
    return found if hasattr(found, "openapi") else found()


def explain(error):
    """Tell why the application cannot be asked, and where in its own files that is, the last place first."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(frame.filename, frame.lineno) for frame in frames if own(frame.filename)]
    text = str(error)
    if isinstance(error, SyntaxError) and error.filename and own(error.filename):
        places.append((error.filename, error.lineno))
        text = error.msg
    return {
        "text": f"{type(error).__name__}: {text}".rstrip(": "),
        "places": [{"file": os.path.relpath(file, ROOT), "line": line} for file, line in reversed(places)],
        # Nothing but the import itself failed: there is no such application.
        "unknown": all(frame.filename == __file__ or "importlib" in frame.filename for frame in frames) and not places,
    }


def main():
    reference, output = sys.argv[1:]
    sys.path.insert(0, ROOT)
    watch_execution()
    watch_absence()
    try:
        spec = application(reference).openapi()
        found = {"openapi": spec, "failures": list(failures.values()), "modules": sorted(sys.modules)}
    except Exception as error:
        traceback.print_exc()
        found = {"error": explain(error)}
    with open(output, "w", encoding="utf-8") as file:
        json.dump(found, file, ensure_ascii=False)
    if "error" in found:
        sys.exit(1)


main()
