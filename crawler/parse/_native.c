/* What the parser does most often over plain numbers and bytes: crawler/parse/native.py has the same in Python.

   Both give the same answers for all input (tests/parse/test_native.py). Nothing here keeps a reference to what it was given. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- sums over decision trees */

typedef struct {
    int64_t mask;      /* of the value, before it is compared */
    int64_t threshold;
    int32_t feature;
    int32_t next[2]; /* the node if the value is above the threshold, and if it is not; a leaf's is itself */
} Node;

typedef struct {
    PyObject_HEAD
    int64_t base;
    Py_ssize_t width, nodes, trees;
    Node *node;
    int64_t *value; /* of the leaves */
    int32_t *root;
    int32_t *depth; /* of each tree */
} Trees;

static int
make_room(Trees *self)
{
    Py_ssize_t more = self->nodes ? 2 * self->nodes : 1;
    Node *node = PyMem_Realloc(self->node, sizeof(Node) * more);
    if (node != NULL)
        self->node = node;
    int64_t *value = PyMem_Realloc(self->value, sizeof(int64_t) * more);
    if (value != NULL)
        self->value = value;
    if (node == NULL || value == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static int
add_node(Trees *self, PyObject *tree, int depth, int32_t *deepest)
{
    if (depth > 200 || self->nodes >= INT32_MAX) {
        PyErr_SetString(PyExc_TypeError, "trees nest too deeply");
        return -1;
    }
    if ((self->nodes & (self->nodes - 1)) == 0 && make_room(self) < 0) /* full: twice as much */
        return -1;
    int32_t at = (int32_t)self->nodes++;
    self->node[at] = (Node){0, 0, 0, {at, at}};
    self->value[at] = 0;
    *deepest = depth > *deepest ? depth : *deepest;
    if (PyLong_Check(tree)) {
        self->value[at] = PyLong_AsLongLong(tree);
        return PyErr_Occurred() ? -1 : at;
    }
    if (!PyList_Check(tree) || PyList_GET_SIZE(tree) != 4 || !PyLong_Check(PyList_GET_ITEM(tree, 0)) ||
        !PyLong_Check(PyList_GET_ITEM(tree, 1))) {
        PyErr_Format(PyExc_TypeError, "not a node of a tree: %.80R", tree);
        return -1;
    }
    long long feature = PyLong_AsLongLong(PyList_GET_ITEM(tree, 0));
    long long threshold = PyLong_AsLongLong(PyList_GET_ITEM(tree, 1));
    if (PyErr_Occurred())
        return -1;
    int is_mask = feature < 0;
    feature = is_mask ? ~feature : feature;
    if (feature >= self->width) {
        PyErr_SetString(PyExc_TypeError, "a node of a tree asks for a number that the rows have not");
        return -1;
    }
    self->node[at].feature = (int32_t)feature;
    self->node[at].mask = is_mask ? threshold : -1;
    self->node[at].threshold = is_mask ? 0 : threshold;
    for (int side = 0; side < 2; side++) { /* at most, then above */
        int below = add_node(self, PyList_GET_ITEM(tree, 2 + side), depth + 1, deepest);
        if (below < 0)
            return -1;
        self->node[at].next[!side] = below;
    }
    return at;
}

static void
trees_dealloc(Trees *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->node);
    PyMem_Free(self->value);
    PyMem_Free(self->root);
    PyMem_Free(self->depth);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyObject *
trees_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"trees", "base", "width", NULL};
    PyObject *trees;
    long long base;
    Py_ssize_t width;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!Ln", names, &PyList_Type, &trees, &base, &width))
        return NULL;
    Trees *self = (Trees *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->base = base;
    self->width = width;
    self->trees = PyList_GET_SIZE(trees);
    self->root = PyMem_Malloc(sizeof(int32_t) * (self->trees + 1));
    self->depth = PyMem_Calloc(self->trees + 1, sizeof(int32_t));
    if (self->root == NULL || self->depth == NULL) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < self->trees; i++) {
        int root = add_node(self, PyList_GET_ITEM(trees, i), 0, self->depth + i);
        if (root < 0) {
            Py_DECREF(self);
            return NULL;
        }
        self->root[i] = root;
    }
    return (PyObject *)self;
}

static int
read_row(PyObject *row, Py_ssize_t width, int64_t *values)
{
    if (!PyList_Check(row) || PyList_GET_SIZE(row) != width) {
        PyErr_Format(PyExc_ValueError, "a row is a list of %zd numbers", width);
        return -1;
    }
    for (Py_ssize_t i = 0; i < width; i++) {
        values[i] = PyLong_AsLongLong(PyList_GET_ITEM(row, i));
        if (values[i] == -1 && PyErr_Occurred())
            return -1;
    }
    return 0;
}

#define LANES 8

static void
add_up(const Trees *self, const int64_t *values, int64_t *sums, Py_ssize_t count)
{
    const Node *node = self->node;
    for (Py_ssize_t r = 0; r < count; r++)
        sums[r] = self->base;
    for (Py_ssize_t t = 0; t < self->trees; t++) { /* tree by tree, so that one lies in the cache for all rows */
        const int32_t root = self->root[t], depth = self->depth[t];
        Py_ssize_t r = 0;
        for (; r + LANES <= count; r += LANES) { /* rows side by side: no branch to be foreseen, no step waits for another */
            int32_t at[LANES];
            for (int lane = 0; lane < LANES; lane++)
                at[lane] = root;
            for (int32_t step = 0; step < depth; step++)
                for (int lane = 0; lane < LANES; lane++) {
                    const Node *here = node + at[lane];
                    at[lane] = here->next[(values[(r + lane) * self->width + here->feature] & here->mask) <= here->threshold];
                }
            for (int lane = 0; lane < LANES; lane++)
                sums[r + lane] += self->value[at[lane]];
        }
        for (; r < count; r++) {
            int32_t at = root, next;
            while ((next = node[at].next[(values[r * self->width + node[at].feature] & node[at].mask) <= node[at].threshold]) != at)
                at = next;
            sums[r] += self->value[at];
        }
    }
}

static PyObject *
trees_totals(Trees *self, PyObject *rows)
{
    if (!PyList_Check(rows)) {
        PyErr_SetString(PyExc_TypeError, "rows are a list");
        return NULL;
    }
    Py_ssize_t count = PyList_GET_SIZE(rows), used = 0;
    PyObject *found = PyList_New(count);
    int64_t *values = PyMem_Malloc(sizeof(int64_t) * (count * (self->width + 1) + 1));
    if (found == NULL || values == NULL)
        goto failed;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *row = PyList_GET_ITEM(rows, i);
        if (row != Py_None && read_row(row, self->width, values + used++ * self->width) < 0)
            goto failed;
    }
    int64_t *sums = values + count * self->width;
    add_up(self, values, sums, used);
    used = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *sum = Py_None;
        if (PyList_GET_ITEM(rows, i) == Py_None)
            Py_INCREF(sum);
        else if ((sum = PyLong_FromLongLong(sums[used++])) == NULL)
            goto failed;
        PyList_SET_ITEM(found, i, sum);
    }
    PyMem_Free(values);
    return found;
failed:
    if (!PyErr_Occurred())
        PyErr_NoMemory();
    PyMem_Free(values);
    Py_XDECREF(found);
    return NULL;
}

static PyMethodDef trees_methods[] = {
    {"totals", (PyCFunction)trees_totals, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot trees_slots[] = {
    {Py_tp_new, trees_new},
    {Py_tp_dealloc, trees_dealloc},
    {Py_tp_methods, trees_methods},
    {0, NULL},
};

static PyType_Spec trees_spec = {"crawler.parse._native.Trees", sizeof(Trees), 0, Py_TPFLAGS_DEFAULT, trees_slots};

/* ---- a page's bytes */

static PyObject *
is_utf8(PyObject *module, PyObject *body)
{
    char *start;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(body, &start, &size) < 0)
        return NULL;
    const unsigned char *at = (const unsigned char *)start, *end = at + size;
    while (at < end) {
        uint64_t eight;
        for (uint64_t more[4]; end - at >= 32; at += 32) {
            memcpy(more, at, 32);
            if ((more[0] | more[1] | more[2] | more[3]) & 0x8080808080808080u)
                break;
        }
        while (end - at >= 8 && (memcpy(&eight, at, 8), !(eight & 0x8080808080808080u)))
            at += 8;
        if (at >= end)
            break;
        unsigned char lead = *at++;
        if (lead < 0x80)
            continue;
        /* Unicode Standard, table 3-7: how many bytes follow, and what the first of them may be */
        int more = lead < 0xC2 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : -1;
        if (more < 0 || end - at < more)
            Py_RETURN_FALSE;
        unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (*at < least || *at > most)
            Py_RETURN_FALSE;
        for (int i = 1; i < more; i++)
            if ((at[i] & 0xC0) != 0x80)
                Py_RETURN_FALSE;
        at += more;
    }
    Py_RETURN_TRUE;
}

static PyObject *
tags_and_options(PyObject *module, PyObject *html)
{
    char *start;
    Py_ssize_t size, tags = 0, options = 0;
    if (PyBytes_AsStringAndSize(html, &start, &size) < 0)
        return NULL;
    const char *at = start, *end = start + size;
    while (at < end && (at = memchr(at, '<', end - at)) != NULL) {
        tags++;
        at++;
        options += end - at >= 3 && (at[0] | 32) == 'o' && (at[1] | 32) == 'p' && (at[2] | 32) == 't';
    }
    return Py_BuildValue("(nn)", tags, options);
}

static int
counts(const char *at, const char *end, char byte, Py_ssize_t most) /* tell whether `byte` stands there so often */
{
    for (; most > 0 && at < end && (at = memchr(at, byte, end - at)) != NULL; at++)
        most--;
    return most <= 0;
}

static PyObject *
has_crowded_tag(PyObject *module, PyObject *args)
{
    const char *start;
    Py_ssize_t size, most, values, spaces;
    if (!PyArg_ParseTuple(args, "y#nnn", &start, &size, &most, &values, &spaces))
        return NULL;
    for (const char *at = start, *end = start + size; end - at >= most;) { /* from tag to tag */
        const char *next = memchr(at, '<', end - at), *last = next != NULL ? next : end;
        if (last - at >= most && Py_ISALPHA(Py_CHARMASK(*at)) && memchr(at, '>', most) == NULL) {
            const char *closed = memchr(at, '>', last - at);
            last = closed != NULL ? closed : last;
            if (counts(at, last, '=', values) || counts(at, last, ' ', spaces))
                Py_RETURN_TRUE;
        }
        if (next == NULL)
            break;
        at = next + 1;
    }
    Py_RETURN_FALSE;
}

static PyMethodDef functions[] = {
    {"has_crowded_tag", has_crowded_tag, METH_VARARGS, NULL},
    {"is_utf8", is_utf8, METH_O, NULL},
    {"tags_and_options", tags_and_options, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static int
fill(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&trees_spec);
    if (type == NULL)
        return -1;
    int failed = PyModule_AddObjectRef(module, "Trees", type);
    Py_DECREF(type);
    return failed;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT, .m_name = "_native", .m_methods = functions, .m_slots = slots};

PyMODINIT_FUNC
PyInit__native(void)
{
    return PyModuleDef_Init(&definition);
}
