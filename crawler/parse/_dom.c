/* A page's tree as lexbor keeps it, walked without a Python object for every node: crawler/parse/plain.py asks selectolax for the same.

   selectolax has lexbor within its own library; its functions are found there by name, and a LexborNode is made as selectolax makes one:
   where in such an object the node and its parser stand is read off one that is there. A library without these names, or an object that
   looks otherwise, is an ImportError, and the Python version is taken (crawler/parse/native.py). */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#ifdef _WIN32
#define dlopen(path, flags) NULL
#define dlsym(library, name) NULL
#define dlclose(library) 0
#else
#include <dlfcn.h>
#endif

typedef void Node;
typedef void Attribute;
typedef unsigned char Byte;

static struct {
    Node *(*first_child)(Node *);
    Node *(*next)(Node *);
    Node *(*parent)(Node *);
    int (*type)(Node *);
    const Byte *(*tag)(Node *, size_t *);
    Attribute *(*first_attribute)(Node *);
    Attribute *(*next_attribute)(Attribute *);
    const Byte *(*name)(Attribute *, size_t *);
    const Byte *(*qualified_name)(Attribute *, size_t *);
    const Byte *(*value)(Attribute *, size_t *);
    uintptr_t (*tag_id)(Node *);
} lexbor;

static int (*is_blank)(Node *); /* selectolax's own: whether a text is ASCII white space */

static const struct {
    const char *name;
    void *function;
} NAMES[] = {
    {"lxb_dom_node_first_child_noi", &lexbor.first_child},
    {"lxb_dom_node_next_noi", &lexbor.next},
    {"lxb_dom_node_parent_noi", &lexbor.parent},
    {"lxb_dom_node_type_noi", &lexbor.type},
    {"lxb_dom_element_local_name", &lexbor.tag},
    {"lxb_dom_element_first_attribute_noi", &lexbor.first_attribute},
    {"lxb_dom_element_next_attribute_noi", &lexbor.next_attribute},
    {"lxb_dom_attr_local_name_noi", &lexbor.name},
    {"lxb_dom_attr_qualified_name", &lexbor.qualified_name},
    {"lxb_dom_attr_value_noi", &lexbor.value},
    {"lxb_dom_node_tag_id_noi", &lexbor.tag_id},
};

#define ELEMENT 1 /* types of nodes (DOM Standard, 4.4) */
#define TEXT 3

static PyTypeObject *node_type;
static Py_ssize_t node_at, parser_at; /* where in a LexborNode they stand */

#define FIELD(object, at) (*(void **)((char *)(object) + (at)))

static Node *
node_of(PyObject *object)
{
    if (Py_TYPE(object) != node_type) {
        PyErr_SetString(PyExc_TypeError, "not a node of a tree");
        return NULL;
    }
    return FIELD(object, node_at);
}

static PyObject *
wrapped(Node *node, PyObject *like) /* a LexborNode of the tree that `like` is of */
{
    static PyObject *nothing;
    if (nothing == NULL && (nothing = PyTuple_New(0)) == NULL)
        return NULL;
    PyObject *object = node_type->tp_new(node_type, nothing, NULL);
    if (object == NULL)
        return NULL;
    PyObject *parser = FIELD(like, parser_at), *before = FIELD(object, parser_at);
    FIELD(object, node_at) = node;
    FIELD(object, parser_at) = Py_NewRef(parser);
    Py_XDECREF(before);
    return object;
}

/* ---- elements by their tags and attributes */

enum { PRESENT, EQUAL, WORD, CONTAINED, CONTAINED_ANY_CASE, CLASS };

typedef struct {
    char *name, *value;
    size_t name_size, value_size;
    int how;
} Condition;

typedef struct {
    char *tag; /* NULL: any */
    size_t tag_size;
    Py_ssize_t first, end; /* of the conditions, which must hold together */
    uint64_t names;        /* a bit for the first letter of each attribute that it asks for */
} Way;

typedef struct {
    PyObject_HEAD
    Py_ssize_t ways, conditions;
    Way *way;
    Condition *condition;
    uint64_t tags; /* a bit for the first letter of each tag; all bits if a way is for any tag */
    int asks;      /* for any attribute */
    PyObject *keeps; /* what the pointers lead into */
} Finder;

static void
finder_dealloc(Finder *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->way);
    PyMem_Free(self->condition);
    Py_XDECREF(self->keeps);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static int
read_text(PyObject *text, char **start, size_t *size)
{
    *start = NULL;
    *size = 0;
    if (text == Py_None)
        return 0;
    Py_ssize_t length;
    *start = (char *)PyUnicode_AsUTF8AndSize(text, &length);
    *size = *start != NULL ? (size_t)length : 0;
    return *start == NULL ? -1 : 0;
}

static int
read_way(Finder *self, PyObject *raw)
{
    PyObject *tag, *conditions;
    if (!PyTuple_Check(raw) || !PyArg_ParseTuple(raw, "OO!", &tag, &PyTuple_Type, &conditions))
        return -1;
    Way *way = self->way + self->ways++;
    way->first = way->end = self->conditions;
    if (read_text(tag, &way->tag, &way->tag_size) < 0)
        return -1;
    self->tags |= way->tag == NULL ? ~(uint64_t)0 : (uint64_t)1 << (way->tag[0] & 63);
    Condition *more = PyMem_Realloc(self->condition, sizeof(Condition) * (self->conditions + PyTuple_GET_SIZE(conditions) + 1));
    if (more == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->condition = more;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(conditions); i++) {
        PyObject *name, *value;
        Condition *condition = more + self->conditions;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(conditions, i), "UOi", &name, &value, &condition->how) ||
            read_text(name, &condition->name, &condition->name_size) < 0 ||
            read_text(value, &condition->value, &condition->value_size) < 0)
            return -1;
        if (condition->name_size == 0 || (condition->how != PRESENT && condition->value_size == 0)) {
            PyErr_SetString(PyExc_ValueError, "a condition has a name, and a value unless it asks for none");
            return -1;
        }
        self->asks = 1;
        way->names |= (uint64_t)1 << (condition->name[0] & 63);
        way->end = ++self->conditions;
    }
    return 0;
}

static PyObject *
finder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"ways", NULL};
    PyObject *ways;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!", names, &PyTuple_Type, &ways))
        return NULL;
    Finder *self = (Finder *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->keeps = Py_NewRef(ways);
    self->way = PyMem_Calloc(PyTuple_GET_SIZE(ways) + 1, sizeof(Way));
    if (self->way == NULL)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; !PyErr_Occurred() && i < PyTuple_GET_SIZE(ways); i++)
        read_way(self, PyTuple_GET_ITEM(ways, i));
    if (PyErr_Occurred())
        Py_CLEAR(self);
    return (PyObject *)self;
}

static int
lower(int byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 32 : byte;
}

static int
is_same(const Byte *one, const char *other, size_t size, int any_case)
{
    if (!any_case)
        return memcmp(one, other, size) == 0;
    for (size_t i = 0; i < size; i++)
        if (lower(one[i]) != lower((Byte)other[i]))
            return 0;
    return 1;
}

static int
is_space(int byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

static int
has_word(const Byte *value, size_t size, const Condition *wanted, int any_case)
{
    for (size_t at = 0, start; at < size; at++) {
        for (start = at; at < size && !is_space(value[at]);)
            at++;
        if (at - start == wanted->value_size && is_same(value + start, wanted->value, at - start, any_case))
            return 1;
    }
    return 0;
}

static int
contains(const Byte *value, size_t size, const Condition *wanted, int any_case)
{
    int first = (Byte)wanted->value[0], other = any_case && first >= 'a' && first <= 'z' ? first & ~32 : first;
    for (size_t at = 0; at + wanted->value_size <= size; at++)
        if ((value[at] == first || value[at] == other) && is_same(value + at, wanted->value, wanted->value_size, any_case))
            return 1;
    return 0;
}

typedef struct {
    Attribute *attribute;
    const Byte *name;
    size_t size;
} Named;

#define MOST_NAMED 64 /* attributes of an element */

static int
holds(Attribute *attribute, const Condition *wanted, int *unsure)
{
    size_t size = 0;
    if (wanted->how == PRESENT)
        return 1;
    const Byte *value = lexbor.value(attribute, &size);
    if (value == NULL || size < wanted->value_size)
        return 0;
    switch (wanted->how) {
    case EQUAL:
        return size == wanted->value_size && is_same(value, wanted->value, size, 0);
    case WORD:
        return has_word(value, size, wanted, 0);
    case CONTAINED:
        return contains(value, size, wanted, 0);
    case CONTAINED_ANY_CASE:
        return contains(value, size, wanted, 1);
    default: /* a class: its case counts only in documents that have a doctype, which is not seen here */
        if (has_word(value, size, wanted, 0))
            return 1;
        *unsure |= has_word(value, size, wanted, 1);
        return 0;
    }
}

static int
fulfils(const Finder *self, const Named *named, int count, const Way *way, int *unsure)
{
    for (Py_ssize_t i = way->first; i < way->end; i++) {
        const Condition *wanted = self->condition + i;
        int held = 0;
        for (const Named *at = named; at < named + count && !held; at++)
            held = at->size == wanted->name_size && memcmp(at->name, wanted->name, at->size) == 0 && holds(at->attribute, wanted, unsure);
        if (!held)
            return 0;
    }
    return 1;
}

static int
ways_of(const Finder *self, Node *node, int *unsure) /* in how many ways it is found: selectolax lists it so often */
{
    size_t size;
    const Byte *tag = lexbor.tag(node, &size);
    if (tag == NULL || size == 0 || !(self->tags >> (tag[0] & 63) & 1))
        return 0;
    uint64_t names = 0; /* bits of the first letters of its attributes */
    Named named[MOST_NAMED];
    int count = 0;
    for (Attribute *at = self->asks ? lexbor.first_attribute(node) : NULL; at != NULL; at = lexbor.next_attribute(at)) {
        if (count == MOST_NAMED) { /* hardly any element has so many: selectolax is asked */
            *unsure = 1;
            break;
        }
        named[count].attribute = at;
        named[count].name = lexbor.name(at, &named[count].size);
        names |= (uint64_t)1 << (named[count++].name[0] & 63);
    }
    int ways = 0;
    for (const Way *way = self->way; way < self->way + self->ways; way++) {
        if ((names & way->names) != way->names || (way->tag != NULL && (way->tag_size != size || memcmp(way->tag, tag, size) != 0)))
            continue;
        ways += fulfils(self, named, count, way, unsure);
    }
    return ways;
}

static PyObject *
finder_find(Finder *self, PyObject *root)
{
    Node *top = node_of(root), *node = top;
    if (top == NULL)
        return NULL;
    PyObject *found = PyList_New(0);
    int unsure = 0;
    while (found != NULL && node != NULL) {
        int ways = lexbor.type(node) == ELEMENT ? ways_of(self, node, &unsure) : 0;
        for (int i = 0; i < ways && found != NULL; i++) {
            PyObject *object = wrapped(node, root);
            if (object == NULL || PyList_Append(found, object) < 0)
                Py_CLEAR(found);
            Py_XDECREF(object);
        }
        Node *next = lexbor.first_child(node);
        while (next == NULL && node != top) {
            next = lexbor.next(node);
            node = next == NULL ? lexbor.parent(node) : node;
        }
        node = next;
    }
    if (found == NULL || !unsure)
        return found;
    Py_DECREF(found);
    Py_RETURN_NONE;
}

static PyMethodDef finder_methods[] = {
    {"find", (PyCFunction)finder_find, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot finder_slots[] = {
    {Py_tp_new, finder_new},
    {Py_tp_dealloc, finder_dealloc},
    {Py_tp_methods, finder_methods},
    {0, NULL},
};

static PyType_Spec finder_spec = {"crawler.parse._dom.Finder", sizeof(Finder), 0, Py_TPFLAGS_DEFAULT, finder_slots};

/* ---- one step after the other */

#define TAGS 512 /* lexbor's own tags have numbers below this */

#define MOST_LISTED 24

typedef struct {
    PyObject *keeps; /* what the pointers lead into */
    int count;
    size_t size[MOST_LISTED];
    const char *name[MOST_LISTED];
} Listed; /* names of attributes */

static int
list_names(Listed *listed, PyObject *names) /* of a frozenset */
{
    PyObject *each = PyObject_GetIter(names), *name;
    listed->keeps = Py_NewRef(names);
    while (each != NULL && (name = PyIter_Next(each)) != NULL) {
        Py_ssize_t size;
        if (listed->count == MOST_LISTED)
            PyErr_SetString(PyExc_ValueError, "too many names of attributes");
        else if ((listed->name[listed->count] = PyUnicode_AsUTF8AndSize(name, &size)) != NULL)
            listed->size[listed->count++] = (size_t)size;
        Py_DECREF(name); /* the set has it, too */
        if (PyErr_Occurred())
            break;
    }
    Py_XDECREF(each);
    return PyErr_Occurred() ? -1 : 0;
}

static int
is_listed(const Listed *listed, const Byte *name, size_t size)
{
    for (int i = 0; i < listed->count; i++)
        if (listed->size[i] == size && memcmp(listed->name[i], name, size) == 0)
            return 1;
    return 0;
}

typedef struct {
    PyObject_HEAD
    Node *node;  /* where it stands; NULL behind the last */
    Node *inner; /* what is entered in its place, if anything */
    Node **open; /* the elements that were entered */
    Py_ssize_t depth, room;
    PyObject *view; /* a LexborNode that is set upon whatever node is asked something */
    PyObject *names;
    PyObject *name_of[TAGS]; /* borrowed of `names` */
    Listed naming, noted;
} Cursor;

static PyObject *on_text, *on_blank, *on_end; /* what a step returns besides tags */
static PyObject *its_tag, *its_text, *its_attributes; /* what a LexborNode calls them */

static void
cursor_dealloc(Cursor *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->open);
    Py_XDECREF(self->view);
    Py_XDECREF(self->names);
    Py_XDECREF(self->naming.keeps);
    Py_XDECREF(self->noted.keeps);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyObject *
cursor_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *words[] = {"root", "names", "naming", "noted", NULL};
    PyObject *root, *names, *naming, *noted, *number, *name;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO!O!O!", words, &root, &PyDict_Type, &names, &PyFrozenSet_Type, &naming,
                                     &PyFrozenSet_Type, &noted))
        return NULL;
    Node *top = node_of(root);
    Cursor *self = top != NULL ? (Cursor *)type->tp_alloc(type, 0) : NULL;
    if (self == NULL)
        return NULL;
    self->names = Py_NewRef(names);
    if (list_names(&self->naming, naming) == 0)
        list_names(&self->noted, noted);
    for (Py_ssize_t at = 0; !PyErr_Occurred() && PyDict_Next(names, &at, &number, &name);) {
        size_t tag = PyLong_AsSize_t(number);
        if (tag < TAGS)
            self->name_of[tag] = name;
    }
    self->node = top;
    self->view = PyErr_Occurred() ? NULL : wrapped(top, root);
    if (self->view == NULL)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static PyObject *
viewed(Cursor *self, PyObject *attribute) /* what a LexborNode says of the node */
{
    FIELD(self->view, node_at) = self->node;
    return PyObject_GetAttr(self->view, attribute);
}

static int
open_one(Cursor *self)
{
    if (self->depth == self->room) {
        Py_ssize_t room = self->room ? 2 * self->room : 64;
        Node **open = PyMem_Realloc(self->open, sizeof(Node *) * room);
        if (open == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        self->open = open;
        self->room = room;
    }
    self->open[self->depth++] = self->node;
    return 0;
}

static PyObject *
cursor_step(Cursor *self, PyObject *into)
{
    if (self->node == NULL)
        return Py_NewRef(Py_None);
    Node *next = lexbor.next(self->node);
    if (into == Py_True) {
        next = lexbor.first_child(self->inner != NULL ? self->inner : self->node);
        if (open_one(self) < 0)
            return NULL;
    }
    self->inner = NULL;
    for (; next != NULL; next = lexbor.next(next)) {
        int type = lexbor.type(next);
        self->node = next;
        if (type == TEXT)
            return Py_NewRef(is_blank(next) ? on_blank : on_text);
        uintptr_t tag = type == ELEMENT ? lexbor.tag_id(next) : TAGS;
        PyObject *name = tag < TAGS ? self->name_of[tag] : NULL;
        if (type == ELEMENT && name == NULL)
            return viewed(self, its_tag);
        if (type == ELEMENT && name != Py_None)
            return Py_NewRef(name);
    }
    self->node = --self->depth > 0 ? self->open[self->depth] : NULL;
    return Py_NewRef(self->node != NULL ? on_end : Py_None);
}

static PyObject *
cursor_enter(Cursor *self, PyObject *inner)
{
    self->inner = node_of(inner);
    return self->inner != NULL ? Py_NewRef(Py_None) : NULL;
}

static PyObject *
cursor_node(Cursor *self, PyObject *nothing)
{
    return self->node != NULL ? wrapped(self->node, self->view) : Py_NewRef(Py_None);
}

static PyObject *
cursor_text(Cursor *self, PyObject *nothing)
{
    return self->node != NULL ? viewed(self, its_text) : Py_NewRef(Py_None);
}

static PyObject *
cursor_attributes(Cursor *self, PyObject *nothing)
{
    if (self->node == NULL || lexbor.type(self->node) != ELEMENT || lexbor.first_attribute(self->node) == NULL)
        return PyDict_New();
    return viewed(self, its_attributes);
}

static int
join(PyObject **found, PyObject *value) /* takes `value` */
{
    if (value == NULL)
        return -1;
    if (*found != NULL)
        Py_SETREF(value, PyUnicode_FromFormat("%U %U", *found, value));
    Py_XSETREF(*found, value);
    return value == NULL ? -1 : 0;
}

static PyObject *
cursor_named(Cursor *self, PyObject *nothing)
{
    PyObject *found = NULL;
    int noted = 0;
    Attribute *at = self->node != NULL && lexbor.type(self->node) == ELEMENT ? lexbor.first_attribute(self->node) : NULL;
    for (; at != NULL; at = lexbor.next_attribute(at)) {
        size_t size = 0, value_size = 0;
        const Byte *name = lexbor.qualified_name(at, &size);
        int names = is_listed(&self->naming, name, size);
        noted |= !names && is_listed(&self->noted, name, size);
        const Byte *value = names ? lexbor.value(at, &value_size) : NULL;
        if (value_size && join(&found, PyUnicode_DecodeUTF8((const char *)value, value_size, "replace")) < 0) {
            Py_XDECREF(found);
            return NULL;
        }
    }
    found = found != NULL ? found : PyUnicode_FromStringAndSize(NULL, 0);
    PyObject *told = found != NULL ? PyTuple_Pack(2, found, noted ? Py_True : Py_False) : NULL;
    Py_XDECREF(found);
    return told;
}

static PyMethodDef cursor_methods[] = {
    {"step", (PyCFunction)cursor_step, METH_O, NULL},
    {"enter", (PyCFunction)cursor_enter, METH_O, NULL},
    {"node", (PyCFunction)cursor_node, METH_NOARGS, NULL},
    {"text", (PyCFunction)cursor_text, METH_NOARGS, NULL},
    {"attributes", (PyCFunction)cursor_attributes, METH_NOARGS, NULL},
    {"named", (PyCFunction)cursor_named, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot cursor_slots[] = {
    {Py_tp_new, cursor_new},
    {Py_tp_dealloc, cursor_dealloc},
    {Py_tp_methods, cursor_methods},
    {0, NULL},
};

static PyType_Spec cursor_spec = {"crawler.parse._dom.Cursor", sizeof(Cursor), 0, Py_TPFLAGS_DEFAULT, cursor_slots};

/* ---- the module */

static int
find_functions(PyObject *library) /* selectolax.lexbor */
{
    PyObject *path = PyObject_GetAttrString(library, "__file__");
    const char *name = path != NULL ? PyUnicode_AsUTF8(path) : NULL;
    void *handle = name != NULL ? dlopen(name, RTLD_LAZY) : NULL;
    Py_XDECREF(path);
    if (PyErr_Occurred())
        return -1;
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++) {
        void *function = handle != NULL ? dlsym(handle, NAMES[i].name) : NULL;
        if (function == NULL) {
            PyErr_Format(PyExc_ImportError, "selectolax has no %s", NAMES[i].name);
            return -1;
        }
        memcpy(NAMES[i].function, &function, sizeof(function));
    }
    PyObject *shared = PyObject_GetAttrString(library, "__pyx_capi__"), *blank = NULL;
    if (shared != NULL && (blank = PyMapping_GetItemString(shared, "is_empty_text_node")) != NULL)
        *(void **)&is_blank = PyCapsule_GetPointer(blank, "int (lxb_dom_node_t *)");
    Py_XDECREF(blank);
    Py_XDECREF(shared);
    if (PyErr_Occurred())
        PyErr_SetString(PyExc_ImportError, "selectolax tells no blank texts");
    return is_blank != NULL ? 0 : -1; /* the library stays open: it is Python's */
}

static Py_ssize_t
place_of(PyObject *object, void *value) /* the one place in `object` where `value` stands; -1 if there are none or several */
{
    Py_ssize_t found = -1;
    for (Py_ssize_t at = sizeof(PyObject); at + (Py_ssize_t)sizeof(void *) <= Py_TYPE(object)->tp_basicsize; at += sizeof(void *))
        if (FIELD(object, at) == value) {
            if (found >= 0)
                return -1;
            found = at;
        }
    return found;
}

static int
learn_nodes(PyObject *library)
{
    PyObject *parser = PyObject_CallMethod(library, "LexborHTMLParser", "s", "<p>a");
    PyObject *body = parser != NULL ? PyObject_GetAttrString(parser, "body") : NULL;
    PyObject *number = body != NULL ? PyObject_GetAttrString(body, "mem_id") : NULL;
    if (number != NULL && Py_TYPE(body)->tp_basicsize > (Py_ssize_t)sizeof(PyObject)) {
        node_type = (PyTypeObject *)Py_NewRef(Py_TYPE(body));
        node_at = place_of(body, PyLong_AsVoidPtr(number));
        parser_at = place_of(body, parser);
    }
    int is_known = number != NULL && node_at > 0 && parser_at > 0;
    if (is_known) { /* and one that is made so is what selectolax would have given */
        PyObject *child = PyObject_GetAttrString(body, "first_child"), *same = wrapped(lexbor.first_child(node_of(body)), body);
        PyObject *names[2] = {child != NULL ? PyObject_GetAttrString(child, "html") : NULL, same != NULL ? PyObject_GetAttrString(same, "html") : NULL};
        is_known = names[0] != NULL && names[1] != NULL && PyObject_RichCompareBool(names[0], names[1], Py_EQ) == 1;
        Py_XDECREF(names[0]);
        Py_XDECREF(names[1]);
        Py_XDECREF(child);
        Py_XDECREF(same);
    }
    Py_XDECREF(number);
    Py_XDECREF(body);
    Py_XDECREF(parser);
    if (!is_known) /* whatever went wrong */
        PyErr_SetString(PyExc_ImportError, "selectolax's nodes are not what they were");
    return is_known ? 0 : -1;
}

static int
fill(PyObject *module)
{
    PyObject *library = PyImport_ImportModule("selectolax.lexbor");
    int failed = library == NULL || find_functions(library) < 0 || learn_nodes(library) < 0;
    Py_XDECREF(library);
    PyObject *finder = failed ? NULL : PyType_FromSpec(&finder_spec), *cursor = failed ? NULL : PyType_FromSpec(&cursor_spec);
    on_text = PyUnicode_InternFromString("-text");
    on_blank = PyUnicode_InternFromString("-blank");
    on_end = PyUnicode_InternFromString("-end");
    its_tag = PyUnicode_InternFromString("tag");
    its_text = PyUnicode_InternFromString("text_content");
    its_attributes = PyUnicode_InternFromString("attributes");
    failed = finder == NULL || cursor == NULL || PyErr_Occurred() ||
             PyModule_AddObjectRef(module, "Finder", finder) < 0 || PyModule_AddObjectRef(module, "Cursor", cursor) < 0;
    Py_XDECREF(finder);
    Py_XDECREF(cursor);
    return failed ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};

static struct PyModuleDef definition = {.m_base = PyModuleDef_HEAD_INIT, .m_name = "_dom", .m_slots = slots};

PyMODINIT_FUNC
PyInit__dom(void)
{
    return PyModuleDef_Init(&definition);
}
