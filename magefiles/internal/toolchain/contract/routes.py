"""Ask an application what its API is, in the application's own environment.

usage: routes.py MODULE:NAME OUTPUT

Imports the application (or its factory) from the current folder and writes
{"openapi": ..., "failures": [...], "modules": [...]} to OUTPUT. A failure is a module of the
application that raised while it was imported, even when the application
swallowed the exception: its routes would be missing without a word. The modules
are those that were imported.
"""

import builtins
import importlib
import importlib.machinery
import json
import os
import sys

ROOT = os.getcwd()
failures = {}


def own(path):
    """Tell whether a file is the application's and not a dependency's."""
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


def main():
    reference, output = sys.argv[1:]
    sys.path.insert(0, ROOT)
    watch_execution()
    watch_absence()
    spec = application(reference).openapi()
    with open(output, "w", encoding="utf-8") as file:
        found = {"openapi": spec, "failures": list(failures.values()), "modules": sorted(sys.modules)}
        json.dump(found, file, ensure_ascii=False)


main()
