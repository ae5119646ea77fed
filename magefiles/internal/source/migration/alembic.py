"""Read Alembic migrations as syntax trees. Nothing of them is imported or executed.

Standard input is a JSON list of sources, standard output a JSON list with an object for each: its revision, what
that comes after, its docstring and its operations in the order of running, or an error and its line. An operation
has a line, what it does ("do") and what that takes. A name that only running the migration would give is shown as
its expression between braces: old_{name}.
"""

import ast
import json
import math
import re
import sys

MOST = 200  # values of names that are considered for one expression
# What operations take by position (https://alembic.sqlalchemy.org/en/latest/ops.html); a batch's take no table.
TAKES = {name: takes.split() for takes, names in {
    "table": "create_table drop_table create_table_comment drop_table_comment",
    "table to": "rename_table",
    "table column": "add_column",
    "table name": "alter_column drop_column",
    "label table": "drop_index drop_constraint create_check_constraint create_exclude_constraint",
    "label table columns": "create_index create_unique_constraint create_primary_key",
    "label table referent columns": "create_foreign_key",
    "rows": "bulk_insert",
}.items() for name in names.split()}
KEYWORDS = {"table_name": "table", "old_table_name": "table", "source_table": "table", "new_table_name": "to",
            "column_name": "name", "new_column_name": "to", "index_name": "label", "constraint_name": "label",
            "local_cols": "columns", "source_schema": "schema", "table": "rows"}
# What op has besides. execute() is read as that of a connection.
OTHERS = ("execute f get_bind get_context batch_alter_table inline_literal run_async implementation_for "
          "register_operation").split()
EXECUTORS = "execute exec_driver_sql executemany executescript exec scalar scalars".split()
WRAPPERS = "text f DDL quoted_name dedent cleandoc str literal_column".split()
SAVERS = "commit flush merge bulk_update_mappings bulk_save_objects".split()
KEEP_TEXT = "format strip lstrip rstrip lower upper replace".split()
# Families of types (https://docs.sqlalchemy.org/en/20/core/types.html), each with the size of the largest value, and the
# types by name in upper case.
TYPES = {name: (line.split()[0], float(line.split()[1])) for line in """
    text inf STRING VARCHAR CHAR UNICODE NVARCHAR NCHAR AUTOSTRING TEXT UNICODETEXT CLOB
    binary inf LARGEBINARY BLOB BYTEA
    integer 2 SMALLINTEGER SMALLINT
    integer 4 INTEGER INT
    integer 8 BIGINTEGER BIGINT
    numeric inf NUMERIC DECIMAL
    float 4 REAL
    float 8 FLOAT DOUBLE DOUBLE_PRECISION
    date 0 DATE
    time 0 DATETIME TIMESTAMP
    json 0 JSON JSONB
    enum 0 ENUM""".splitlines()[1:] for name in line.split()[2:]}
LIMITS = {"text": ["length"], "binary": ["length"], "numeric": ["precision", "scale"], "time": ["timezone"]}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LISTS = (ast.List, ast.Tuple, ast.Set)
BRANCHES = "If For AsyncFor While Try TryStar Match".split()


def chain(node):
    """Return the names in a.b(c)[d].e in this order, each with the call of it or None. The first may be ""."""
    links, call = [], None
    while True:
        if isinstance(node, ast.Call):
            call, node = node, node.func
        elif isinstance(node, (ast.Attribute, ast.Subscript)):
            links += [(node.attr, call)] if isinstance(node, ast.Attribute) else []
            call, node = None, node.value
        else:
            return [(getattr(node, "id", ""), call)] + links[::-1]


def call_of(node, *names):
    """Return the first call of one of the names in a chain, or None."""
    return next((call for name, call in chain(node) if call and name in names), None)


def keyword(call, name):
    return next((each.value for each in call.keywords if each.arg == name), None)


def values_of(call):
    return call.args + [each.value for each in call.keywords] if call else []


def is_constant(node, *values):
    return isinstance(node, ast.Constant) and any(node.value is value for value in values)


class Reader:
    def __init__(self, source):
        self.lines = source.encode().split(b"\n")
        self.tree = ast.parse(source)
        self.operations = []
        self.functions = sorted((node for node in ast.walk(self.tree) if isinstance(node, FUNCTIONS)),
                                key=lambda node: (node.lineno, node.col_offset))
        self.visited = set()
        self.names = self.globals = {}  # values by name: a list of nodes, or None when they are unknown
        self.ops = {"op", "alembic.op"}
        self.batches = {}  # tables by variable
        self.maybe = False  # whether what comes may not run

    def read(self):
        self.block(self.tree.body)
        self.visit_named("upgrade", False)
        reached, operations, self.operations = set(self.visited), self.operations, []
        for function in self.functions:
            if re.match("downgrade(_|$)", function.name):
                self.visit(function)
        down, self.visited, self.operations = self.visited, reached, operations
        for function in self.functions:
            if function not in down:  # it is not only a downgrade that leads there
                self.visit(function)
        return {"revision": "".join(self.strings("revision")[:1]), "after": self.strings("down_revision"),
                "docstring": ast.get_docstring(self.tree, clean=False) or "", "operations": self.operations}

    def strings(self, variable):
        """Return the strings that a variable of the module stands for, alone or in a tuple."""
        values = self.globals.get(variable) or []
        items = [item for value in values for item in (value.elts if isinstance(value, LISTS) else [value])]
        return [text for item in items for _, text in self.texts(item) if text]

    # Control flow.

    def visit_named(self, name, is_attribute):
        for function in self.functions:
            if function.name == name and (not is_attribute or function.col_offset > 0):
                self.visit(function)

    def visit(self, function):
        if function in self.visited:
            return
        self.visited.add(function)
        outer = self.names, self.maybe
        self.names = {node.arg: None for node in ast.walk(function.args) if isinstance(node, ast.arg)}
        self.block(function.body)
        self.names, self.maybe = outer

    def block(self, nodes):
        """Read statements and parts of them, such as except clauses, but not the bodies of functions."""
        for node in nodes:
            if not isinstance(node, ast.AST) or isinstance(node, FUNCTIONS + (ast.expr,)):
                continue
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.expression(child)
            self.bind(node)
            maybe = self.maybe
            for field, value in ast.iter_fields(node):
                if isinstance(value, list):
                    self.maybe = maybe or type(node).__name__ in BRANCHES and field != "finalbody"
                    self.block(value)
            self.maybe = maybe

    def expression(self, node):
        """Read an expression from the inside out: what is called runs after its arguments."""
        is_call = isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name))
        of = node.func if is_call else node
        for child in list(ast.iter_child_nodes(of)) + (values_of(node) if is_call else []):
            self.expression(child)
        if isinstance(node, (ast.NamedExpr, ast.comprehension)):
            self.forget(node.target)
        if isinstance(of, ast.Name):
            self.visit_named(of.id, False)
        elif isinstance(of, ast.Attribute):
            self.visit_named(of.attr, True)
            if is_call:
                self.method(node.lineno, of.value, of.attr, node)

    # What names stand for.

    def bind(self, node):
        if isinstance(node, ast.ImportFrom) and node.module == "alembic":
            self.ops.update(each.asname for each in node.names if each.name == "op" and each.asname)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = getattr(node, "targets", None) or [node.target]
            if len(targets) == 1 and isinstance(targets[0], ast.Name):
                self.assign(targets[0].id, node.value)
            else:
                self.forget(*targets)
        elif isinstance(node, (ast.AugAssign, ast.For, ast.AsyncFor)):
            self.forget(node.target)
            lists = [] if isinstance(node, ast.AugAssign) else self.resolve(node.iter)
            if isinstance(node.target, ast.Name) and all(isinstance(each, LISTS) for each in lists):
                self.names[node.target.id] = [value for each in lists for value in each.elts] or None
        elif isinstance(node, ast.withitem) and node.optional_vars:
            self.forget(node.optional_vars)
            batch = call_of(node.context_expr, "batch_alter_table")
            if batch and isinstance(node.optional_vars, ast.Name):
                self.batches[node.optional_vars.id] = self.table(batch, "table_name")

    def assign(self, name, value):
        """Give a name a value, or one more when the assignment may not run."""
        before = self.names.get(name, [])
        if value is None or self.maybe and (before is None or len(before) == MOST):
            self.names[name] = None
        else:
            self.names[name] = (before if self.maybe else []) + [value]

    def forget(self, *targets):
        self.names.update((node.id, None) for each in targets for node in ast.walk(each) if isinstance(node, ast.Name))

    def resolve(self, node):
        """Return what an expression may stand for: itself, or the values of a name."""
        values = [node]
        for _ in range(3):  # a name for a name for a name
            found = []
            for value in values:
                name = getattr(value, "id", None)
                known = self.names[name] if name in self.names else self.globals.get(name)
                found += known if known and len(found) + len(known) <= MOST else [value]
            values = found
        return values

    def one(self, node):
        values = self.resolve(node)
        return values[0] if len(values) == 1 else node

    # Texts.

    def source(self, node):
        lines = self.lines[node.lineno - 1:node.end_lineno] or [b""]
        lines[-1] = lines[-1][:node.end_col_offset]
        lines[0] = lines[0][node.col_offset:]
        return b"\n".join(lines).decode(errors="replace")

    def field(self, node):
        return "{" + "".join(self.source(node).split()) + "}"

    def texts(self, node, budget=None):
        """Return the texts that an expression may stand for, each with its node, or with None if it is unknown."""
        budget, found = budget or [MOST], []
        for value in self.resolve(node):
            text, wrapper = self.text(value), call_of(value, *WRAPPERS)
            budget[0] -= 1
            if budget[0] < 0:
                return found + [(value, None)]
            is_wrapped = text is None and wrapper and wrapper.args
            found += self.texts(wrapper.args[0], budget) if is_wrapped else [(value, text)]
        return found

    def text(self, node):
        """Return the text that an expression of strings gives, or None."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.JoinedStr):
            return "".join(each.value if isinstance(each, ast.Constant) else self.field(each.value)
                           for each in node.values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return self.text(node.left)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.text(node.left), self.text(node.right)
            if left is not None or right is not None:
                return (self.field(node.left) if left is None else left) + (
                    self.field(node.right) if right is None else right)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in KEEP_TEXT:
            return self.text(node.func.value)
        return None

    # Names of things.

    def name(self, node):
        texts = self.texts(node) if node else []
        return len(texts) == 1 and texts[0][1] or "{" + (self.source(node) if node else "?") + "}"

    def label(self, node):
        """Return a name that may be absent."""
        return "" if node is None or is_constant(self.one(node), None) else self.name(node)

    def columns(self, node):
        value = node and self.one(node)
        return [self.name(each) for each in (value.elts if isinstance(value, LISTS) else [value] if value else [])]

    def is_true(self, node):
        """Tell whether an argument is given and not known to be False or None."""
        return node is not None and not is_constant(self.one(node), False, None)

    def in_schema(self, table, schema):
        return (self.name(schema) + "." if self.label(schema) else "") + self.name(table)

    def table(self, call, parameter):
        """Return the table that a call names first."""
        return self.in_schema(keyword(call, parameter) or (call.args + [None])[0], keyword(call, "schema"))

    def table_object(self, node):
        """Return the table that one of SQLAlchemy's objects stands for, and whether the name is only a variable's."""
        value = node and self.one(node)
        made = value and call_of(value, "table", "Table", "create_table")
        if made:
            return {"table": self.table(made, "table_name")}
        is_text = value and self.text(value)
        return {"table": self.name(node) if is_text or not node else self.source(node), "vague": not is_text}

    # Operations.

    def emit(self, line, do, **takes):
        takes.update(line=line, do=do, maybe=self.maybe)
        self.operations.append({key: value for key, value in takes.items() if value})

    def method(self, line, of, name, call):
        """Read a call of a method of Alembic, a connection, a session, a query of it, or an object of the schema."""
        receiver, names, query = "".join(self.source(of).split()), chain(of), call_of(of, "query")
        is_session = any(each.lower().endswith("session") for each, _ in names)
        binds = [each.arg for each in call.keywords] + [self.source(value).lower() for value in call.args]
        if receiver in self.ops or receiver in self.batches or "batch" in receiver and name in TAKES:
            if name in TAKES:
                self.known(line, name, call, None if receiver in self.ops else self.batches.get(receiver, "{?}"))
            elif name not in OTHERS:
                self.emit(line, "unreadable", name="runs the operation " + name + "()")
        if name in EXECUTORS and values_of(call):
            self.run(values_of(call)[0], line)
        elif query and query.args:
            if name in ("delete", "update"):
                self.emit(line, name, **self.table_object(query.args[0]))
        elif is_session and name == "delete":
            self.emit(line, "delete_objects")
        elif is_session and name in SAVERS:
            self.emit(line, "unreadable", name="changes rows through a session")
        elif name in ("create_all", "drop_all") and binds:
            self.emit(line, name[:-4], name="the tables of " + names[0][0])
        elif name in ("create", "drop") and re.search("bind|checkfirst|conn|engine", " ".join(map(str, binds))):
            enum = call_of(self.one(of), "Enum", "ENUM", "DOMAIN")
            title = enum and keyword(enum, "name")
            self.emit(line, name, name="the type " + self.name(title) if title else names[0][0])

    def known(self, line, name, call, table):
        """Read an operation on the table of a batch, or on the one that it names."""
        given = dict(zip([each for each in TAKES[name] if table is None or each != "table"], call.args))
        given.update((KEYWORDS.get(each.arg, each.arg), each.value) for each in call.keywords if each.arg)
        schema = given.get("schema")
        if table is None:
            absent = name.startswith("drop_") and "label" in TAKES[name] and "table" not in given
            table = "" if absent else self.in_schema(given.get("table"), schema)
        takes = {"table": table, "columns": self.columns(given.get("columns")),
                 "unique": self.is_true(given.get("unique")),
                 "if_not_exists": self.is_true(given.get("if_not_exists")),
                 "name": self.label(given.get("label")) if "label" in TAKES[name] else self.name(given.get("name"))}
        if name == "rename_table":
            takes["to"] = self.in_schema(given.get("to"), schema)
        if name == "bulk_insert":
            self.emit(line, "insert", **self.table_object(given.get("rows")))
        elif name == "add_column":
            self.add_column(line, takes, given.get("column"))
        elif name == "alter_column":
            self.alter_column(line, takes["table"], takes["name"], given)
        elif name.endswith("_comment"):
            self.emit(line, "change_table", table=takes["table"])
        else:
            self.emit(line, name, **takes)

    def add_column(self, line, takes, given):
        made = given and call_of(self.one(given), "Column")
        if not made:
            what = "the column {" + self.source(given) + "}" if given else "a column"
            self.emit(line, "unreadable", name="adds " + what + " to the table " + takes["table"])
            return
        nullable = keyword(made, "nullable")
        computed = any(call_of(value, "Computed", "Identity", "FetchedValue") for value in made.args)
        is_key = self.is_true(keyword(made, "primary_key"))
        takes["not_null"] = not is_constant(self.one(nullable), True, None) if nullable else is_key
        takes["default"] = computed or self.is_true(keyword(made, "server_default"))
        takes["name"] = self.name(keyword(made, "name") or (made.args + [None])[0])
        self.emit(line, "add_column", **takes)

    def alter_column(self, line, table, name, given):
        known = {key: value for key, value in given.items() if not is_constant(value, None)}
        column, before, default = {"table": table, "name": name}, len(self.operations), given.get("server_default")
        if "type_" in known:
            self.change_type(line, column, known.get("existing_type"), known["type_"])
        if default and not is_constant(default, False):
            self.emit(line, "set_default" if "server_default" in known else "drop_default", **column)
        if "nullable" in known:
            has_default = self.is_true(default) or self.is_true(given.get("existing_server_default"))
            nullable = is_constant(self.one(known["nullable"]), True, None)
            self.emit(line, "drop_not_null" if nullable else "set_not_null", default=has_default, **column)
        if "to" in known:
            self.emit(line, "rename_column", to=self.name(known["to"]), **column)
        if len(self.operations) == before:
            self.emit(line, "change_column", **column)

    def change_type(self, line, column, before, after):
        (title, limits), (to, others) = self.type(before), self.type(after)
        is_known = limits and others and limits[0] == others[0]
        do = "change_type"
        if not title and others and others[:2] == ("text", math.inf):
            do = "change_to_text"
        elif is_known and limits[0] == "time" and limits[1] < others[1]:
            do = "add_time_zone"
        elif title == to or is_known and all(limit <= other for limit, other in zip(limits[1:], others[1:])):
            do = "widen_type"
        self.emit(line, do, existing=title, to=to, **column)

    def type(self, node):
        """Return the title of a type, and what limits its values: the family, and the names of an enumeration or the
        size and the digits after the point, or None when something is unknown."""
        if node is None:
            return "", None
        value = self.one(node)
        title = re.sub(r"^([a-z_]\w*\.)+|\(\)$", "", self.source(value))
        name = re.match(r"\w*", title).group()
        family, size = TYPES.get(name.upper(), (None, 0))
        call = call_of(value, name)
        args = [self.value(each) for each in call.args] if call else []
        named = {each.arg: self.value(each.value) for each in call.keywords} if call else {}
        if family == "enum" and args and all(isinstance(each, str) for each in args):
            return title, (family, set(args))
        given = [named.get(each, arg) or 0 for each, arg in zip(LIMITS.get(family, []), args + [0, 0])] + [0, 0]
        if (family in (None, "enum") or family == "float" and values_of(call) or call_of(value, "with_variant")
                or not all(isinstance(each, int) for each in given)):
            return title, None
        size, scale = given[0] or size, given[1]
        return title, (family, size - scale, scale if size < math.inf else math.inf)

    def value(self, node):
        """Return the value of a constant, or else a node."""
        value = self.one(node)
        return value.value if isinstance(value, ast.Constant) else value

    def run(self, statement, line):
        """Read the statements that an argument of execute() may stand for."""
        budget = [MOST]
        for value in self.resolve(statement):
            for node, text in [] if self.construct(value, line) else self.texts(value, budget):
                if text is None:
                    self.emit(line, "unreadable", name="runs SQL that the migration computes")
                else:
                    self.emit(node.lineno, "sql", sql=text, end=node.end_lineno)

    def construct(self, node, line):
        """Read a statement that is made by SQLAlchemy's functions, or return False."""
        for name, call in [] if self.text(node) else chain(node):
            if not call:
                continue
            if name in ("select", "union", "union_all", "exists", "values"):
                return True
            if name in ("insert", "update", "delete"):
                replaces = name == "insert" and call_of(node, "on_conflict_do_update", "on_duplicate_key_update")
                values = call_of(node, "values")
                columns = [each.arg for each in values.keywords] if values and not values.args else []
                table = self.table_object(call.args[0] if call.args else getattr(call.func, "value", None))
                self.emit(line, "replace" if replaces else name, columns=columns if all(columns) else [], **table)
                return True
            if call.args and self.element(name, call.args[0], line):
                return True
        return False

    def element(self, name, given, line):
        """Read CreateSequence(...), DropTable(...) (https://docs.sqlalchemy.org/en/20/core/ddl.html)."""
        verb = next((each for each in ("Create", "Drop") if name.startswith(each) and name != each), None)
        if verb:
            kind, inner = name[len(verb):].lower(), call_of(self.one(given), "Sequence", "Index")
            thing = {"table": self.table(inner, "name")} if inner else self.table_object(given)
            self.emit(line, verb.lower() + "_object", kind=kind, name=thing["table"], **thing)
        return verb


def answer(source):
    try:
        return Reader(source).read()
    except Exception as error:  # no file may hide what the others do
        reason = getattr(error, "msg", "") or f"{type(error).__name__}: {error}"
        return {"error": reason, "line": getattr(error, "lineno", None) or 1}


sys.setrecursionlimit(5000)
json.dump([answer(each) for each in json.load(sys.stdin.buffer)], sys.stdout)
