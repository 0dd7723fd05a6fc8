/* What the parser asks of every text, a letter at a time: crawler/parse/plain.py has the same in Python.

   Both give the same answers for all input (tests/parse/test_native.py). Nothing here keeps a reference to what it was given. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

/* ---- letters */

typedef struct {
    int kind;
    const void *data;
    Py_ssize_t size;
} Letters;

#define AT(letters, i) PyUnicode_READ((letters).kind, (letters).data, i)

static int
letters_of(PyObject *text, Letters *found)
{
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "text is a string");
        return -1;
    }
    *found = (Letters){PyUnicode_KIND(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)};
    return 0;
}

static int
is_letter_or_digit(Py_UCS4 letter)
{
    if (letter < 128)
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
    return Py_UNICODE_ISALNUM(letter);
}

static int
is_word(Py_UCS4 letter)
{
    return letter == '_' || is_letter_or_digit(letter);
}

static int
is_format(Py_UCS4 c) /* plain._FORMAT */
{
    return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

static int
is_dense(Py_UCS4 c) /* plain._DENSE */
{
    if (c < 0xE00)
        return 0;
    return c <= 0x109F || (c >= 0x1780 && c <= 0x17FF) || (c >= 0x2E80 && c <= 0x2FDF) || (c >= 0x3005 && c <= 0x3007) ||
           (c >= 0x3021 && c <= 0x3029) || (c >= 0x3040 && c <= 0x312F) || (c >= 0x31A0 && c <= 0x31BF) ||
           (c >= 0x31F0 && c <= 0x31FF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF66 && c <= 0xFF9D) || (c >= 0x20000 && c <= 0x3FFFF);
}

static int
is_ideograph(Py_UCS4 c) /* plain._IDEOGRAPH */
{
    if (c < 0x2E80)
        return 0;
    return c <= 0x2FDF || (c >= 0x3005 && c <= 0x3007) || (c >= 0x3021 && c <= 0x3029) || (c >= 0x3040 && c <= 0x30FF) ||
           (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xAC00 && c <= 0xD7A3);
}

static int
is_junk(Py_UCS4 c) /* plain._JUNK */
{
    if (c < 128)
        return c == 0x7F || (c < 0x20 && c != 0 && c != '\t' && c != '\n' && c != '\f' && c != '\r');
    return c <= 0x9F || c == 0xAD || c == 0x200B || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF;
}

static int
is_edge(Py_UCS4 c) /* white space that a block neither begins nor ends with */
{
    return c == ' ' || c == '\n' || c == 0x3000 || c == 0x2002 || c == 0x2003 || c == 0x2009 || c == 0x200A || c == 0x202F;
}

/* ---- inline text */

typedef struct {
    int kind; /* of the text it is made from: no letter is wider */
    void *data;
    Py_ssize_t size;
} Made;

static int
make(Made *made, const Letters *from)
{
    made->kind = from->kind;
    made->size = 0;
    made->data = PyMem_Malloc((from->size + 1) * from->kind);
    if (made->data == NULL)
        PyErr_NoMemory();
    return made->data == NULL ? -1 : 0;
}

#define ADD(made, letter) PyUnicode_WRITE((made).kind, (made).data, (made).size++, letter)

static PyObject *
finished(Made *made, Py_ssize_t start)
{
    PyObject *text = PyUnicode_FromKindAndData(made->kind, (char *)made->data + start * made->kind, made->size - start);
    PyMem_Free(made->data);
    return text;
}

static int
is_clean(const Letters *text) /* as most texts are: ASCII without a control, and no space that is one too many */
{
    if (text->kind != PyUnicode_1BYTE_KIND)
        return 0;
    const unsigned char *at = text->data;
    unsigned char before = ' ';
    for (Py_ssize_t i = 0; i < text->size; i++) {
        if (at[i] < ' ' || at[i] > '~' || (at[i] == ' ' && before == ' '))
            return 0;
        before = at[i];
    }
    return text->size == 0 || before != ' ';
}

static PyObject *
clean(PyObject *module, PyObject *raw)
{
    Letters text;
    Made made;
    if (letters_of(raw, &text) < 0)
        return NULL;
    if (is_clean(&text))
        return PyUnicode_FromObject(raw);
    if (make(&made, &text) < 0)
        return NULL;
    Py_UCS4 last = 0;
    int broken = 0; /* a line break was the last that counts: no space follows it */
    for (Py_ssize_t i = 0; i < text.size; i++) {
        Py_UCS4 letter = AT(text, i);
        if (is_junk(letter))
            continue;
        if (letter == 0) { /* a line break of the page */
            made.size -= last == ' ' && made.size > 0;
            ADD(made, last = '\n');
            broken = 1;
            continue;
        }
        if (letter == '\t' || letter == '\n' || letter == '\r' || letter == '\f' || letter == 0xA0)
            letter = ' ';
        if (letter == ' ' && (last == ' ' || broken))
            continue;
        ADD(made, last = letter);
        broken = 0;
    }
    Py_ssize_t start = 0;
    while (made.size > 0 && is_edge(PyUnicode_READ(made.kind, made.data, made.size - 1)))
        made.size--;
    while (start < made.size && is_edge(PyUnicode_READ(made.kind, made.data, start)))
        start++;
    return finished(&made, start);
}

static Py_UCS4
straight_letter(Py_UCS4 c) /* plain._QUOTES */
{
    if (c < 128)
        return c == '`' ? '\'' : c;
    if (c < 0x2010 || (c > 0x203A && c < 0x2212))
        return c == 0xAB || c == 0xBB ? '"' : c == 0xB4 ? '\'' : c;
    switch (c) {
    case 0x201C: case 0x201D: case 0x201E: case 0x201F: case 0x2033: case 0x301D: case 0x301E: case 0xFF02:
        return '"';
    case 0x2018: case 0x2019: case 0x201A: case 0x201B: case 0x2032: case 0x2039: case 0x203A: case 0xFF07:
        return '\'';
    case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2212:
        return '-';
    }
    return c;
}

static PyObject *
straight(PyObject *module, PyObject *raw)
{
    Letters text;
    Made made;
    if (letters_of(raw, &text) < 0 || make(&made, &text) < 0)
        return NULL;
    for (Py_ssize_t i = 0; i < text.size; i++)
        ADD(made, straight_letter(AT(text, i)));
    return finished(&made, 0);
}

static PyObject *
capitals(PyObject *module, PyObject *raw)
{
    Letters text;
    Py_ssize_t count = 0;
    if (letters_of(raw, &text) < 0)
        return NULL;
    for (Py_ssize_t i = 0; i < text.size; i++) {
        Py_UCS4 c = AT(text, i);
        count += (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE) || (c >= 0x410 && c <= 0x42F);
    }
    return PyLong_FromSsize_t(count);
}

static PyObject *
unit_length(PyObject *module, PyObject *raw)
{
    Letters text;
    if (letters_of(raw, &text) < 0)
        return NULL;
    Py_ssize_t bytes = text.size, dense = 0;
    if (!PyUnicode_IS_ASCII(raw))
        for (Py_ssize_t i = 0; i < text.size; i++) {
            Py_UCS4 letter = AT(text, i);
            bytes += (letter > 0x7F) + (letter > 0x7FF) + (letter > 0xFFFF);
            dense += is_ideograph(letter);
        }
    return PyLong_FromSsize_t(bytes * 10 < text.size * 13 ? text.size : text.size + 2 * dense);
}

#define SMALL 0x2100 /* letters below are looked up, quotes and dashes among them */

static Py_UCS2 small_letter[SMALL];

static void
make_small_letters(void)
{
    for (Py_UCS4 letter = 0; letter < SMALL; letter++)
        small_letter[letter] = (Py_UCS2)Py_UNICODE_TOLOWER(letter);
}

static PyObject *
small(PyObject *raw, const Letters *text) /* str.lower: letter by letter, but for two that are more than a letter or look around */
{
    Made made;
    for (Py_ssize_t i = 0; i < text->size; i++)
        if (AT(*text, i) == 0x130 || AT(*text, i) == 0x3A3)
            return PyObject_CallMethod(raw, "lower", NULL);
    if (make(&made, text) < 0)
        return NULL;
    for (Py_ssize_t i = 0; i < text->size; i++) {
        Py_UCS4 letter = AT(*text, i);
        ADD(made, letter < SMALL ? small_letter[letter] : Py_UNICODE_TOLOWER(letter));
    }
    return finished(&made, 0);
}

static PyObject *
lower(PyObject *module, PyObject *raw)
{
    Letters text;
    return letters_of(raw, &text) < 0 ? NULL : small(raw, &text);
}

static PyObject *
count_letters(PyObject *module, PyObject *args)
{
    PyObject *raw, *wanted;
    if (!PyArg_ParseTuple(args, "UU", &raw, &wanted))
        return NULL;
    Letters text, letters;
    letters_of(raw, &text);
    letters_of(wanted, &letters);
    uint64_t firsts = 0;
    Py_ssize_t count = 0;
    int in_ascii = 0;
    for (Py_ssize_t i = 0; i < letters.size; i++) {
        firsts |= (uint64_t)1 << (AT(letters, i) & 63);
        in_ascii |= AT(letters, i) < 128;
    }
    for (Py_ssize_t i = 0; i < text.size && (in_ascii || !PyUnicode_IS_ASCII(raw)); i++) {
        Py_UCS4 letter = AT(text, i);
        if ((letter > 127 || in_ascii) && firsts >> (letter & 63) & 1)
            for (Py_ssize_t j = 0; j < letters.size; j++)
                count += AT(letters, j) == letter;
    }
    return PyLong_FromSsize_t(count);
}

static PyObject *
squeezed(PyObject *module, PyObject *raw)
{
    Letters text;
    Made made;
    if (letters_of(raw, &text) < 0 || make(&made, &text) < 0)
        return NULL;
    int is_ascii = PyUnicode_IS_ASCII(raw);
    for (Py_ssize_t i = 0; i < text.size; i++) {
        Py_UCS4 letter = AT(text, i);
        if (is_letter_or_digit(letter))
            ADD(made, letter < 128 && letter >= 'A' && letter <= 'Z' ? letter | 32 : letter);
    }
    PyObject *found = finished(&made, 0);
    if (found == NULL || is_ascii)
        return found;
    letters_of(found, &text);
    PyObject *lowered = small(found, &text);
    Py_DECREF(found);
    return lowered;
}

/* ---- words */

static PyObject *
lowered(PyObject *raw) /* in lower case and without format characters */
{
    Letters text;
    if (letters_of(raw, &text) < 0)
        return NULL;
    Py_ssize_t i = 0;
    while (i < text.size && !is_format(AT(text, i)))
        i++;
    if (i == text.size)
        return small(raw, &text);
    Made made;
    if (make(&made, &text) < 0)
        return NULL;
    for (i = 0; i < text.size; i++) {
        Py_UCS4 letter = AT(text, i);
        if (!is_format(letter))
            ADD(made, letter);
    }
    PyObject *plain = finished(&made, 0), *found = NULL;
    if (plain != NULL && letters_of(plain, &text) == 0)
        found = small(plain, &text);
    Py_XDECREF(plain);
    return found;
}

static int
next_word(const Letters *text, Py_ssize_t *start, Py_ssize_t *end) /* from *end on; a character of its own in dense scripts */
{
    Py_ssize_t i = *end;
    while (i < text->size && !is_word(AT(*text, i)))
        i++;
    if (i == text->size)
        return 0;
    *start = i;
    if (is_dense(AT(*text, i))) {
        *end = i + 1;
        return 1;
    }
    while (i < text->size && is_word(AT(*text, i)) && !is_dense(AT(*text, i)))
        i++;
    *end = i;
    return 1;
}

static PyObject *
words(PyObject *module, PyObject *raw)
{
    PyObject *text = lowered(raw);
    if (text == NULL)
        return NULL;
    Letters letters;
    letters_of(text, &letters);
    PyObject *found = PyList_New(0);
    for (Py_ssize_t start, end = 0; found != NULL && next_word(&letters, &start, &end);) {
        PyObject *word = PyUnicode_Substring(text, start, end);
        if (word == NULL || PyList_Append(found, word) < 0)
            Py_CLEAR(found);
        Py_XDECREF(word);
    }
    Py_DECREF(text);
    return found;
}

static PyObject *
word_count(PyObject *module, PyObject *raw)
{
    Letters text;
    if (letters_of(raw, &text) < 0)
        return NULL;
    Py_ssize_t dense = 0, count = 0;
    int counted = 0;
    for (Py_ssize_t i = 0; i < text.size; i++) {
        Py_UCS4 letter = AT(text, i);
        if (is_dense(letter)) {
            dense++;
            counted = 0;
        } else if (Py_UNICODE_ISSPACE(letter))
            counted = 0;
        else if (!counted && is_word(letter)) {
            count++;
            counted = 1;
        }
    }
    return PyLong_FromSsize_t((dense + 1) / 2 + count);
}

/* ---- similarity hash */

static uint32_t crc_table[256];

static void
make_crc_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = value & 1 ? 0xEDB88320u ^ value >> 1 : value >> 1;
        crc_table[i] = value;
    }
}

typedef struct {
    uint32_t one, two;
} Mark;

static void
mark_byte(Mark *mark, unsigned char byte)
{
    mark->one = crc_table[(mark->one ^ byte) & 255] ^ mark->one >> 8;
    mark->two = crc_table[(mark->two ^ byte) & 255] ^ mark->two >> 8;
}

static uint64_t
mark_of(const Letters *text, Py_ssize_t start, Py_ssize_t end) /* of a word in UTF-8, lone surrogates as they are */
{
    Mark mark = {0xFFFFFFFFu, ~0x5BD1E995u};
    for (Py_ssize_t i = start; i < end; i++) {
        Py_UCS4 c = AT(*text, i);
        if (c < 0x80) {
            mark_byte(&mark, c);
            continue;
        }
        if (c < 0x800)
            mark_byte(&mark, 0xC0 | c >> 6);
        else {
            if (c < 0x10000)
                mark_byte(&mark, 0xE0 | c >> 12);
            else {
                mark_byte(&mark, 0xF0 | c >> 18);
                mark_byte(&mark, 0x80 | (c >> 12 & 63));
            }
            mark_byte(&mark, 0x80 | (c >> 6 & 63));
        }
        mark_byte(&mark, 0x80 | (c & 63));
    }
    return (uint64_t)~mark.one << 32 | (uint32_t)~mark.two;
}

#define ROUND 255 /* hashes after which a byte of `sums` may be full */

static void
count_ones(const uint64_t *hashes, Py_ssize_t count, Py_ssize_t *ones) /* ones: of each bit of the hashes */
{
    for (Py_ssize_t start = 0; start < count; start += ROUND) {
        uint64_t sums[8] = {0}; /* sums[bit]: a byte for that bit of each byte of a hash */
        for (Py_ssize_t i = start; i < count && i < start + ROUND; i++)
            for (int bit = 0; bit < 8; bit++)
                sums[bit] += hashes[i] >> bit & 0x0101010101010101u;
        for (int bit = 0; bit < 64; bit++)
            ones[bit] += sums[bit % 8] >> bit / 8 * 8 & 255;
    }
}

static Py_ssize_t
keep_different(uint64_t *hashes, Py_ssize_t count, uint64_t *table, Py_ssize_t places) /* places: a power of two, more than count */
{
    Py_ssize_t different = 0;
    int has_zero = 0; /* in the table it is a free place */
    for (Py_ssize_t i = 0; i < count; i++) {
        uint64_t hash = hashes[i];
        Py_ssize_t at = hash & (places - 1);
        while (table[at] != 0 && table[at] != hash)
            at = (at + 1) & (places - 1);
        if (hash ? table[at] == hash : has_zero)
            continue;
        has_zero |= hash == 0;
        table[at] = hash;
        hashes[different++] = hash;
    }
    return different;
}

static int
majority(uint64_t *hashes, Py_ssize_t count, uint64_t *value) /* of the different ones, bit by bit */
{
    Py_ssize_t ones[64] = {0}, places = 4;
    while (places < 2 * count)
        places *= 2;
    uint64_t *table = PyMem_Calloc(places, sizeof(uint64_t));
    if (table == NULL)
        return -1;
    count = keep_different(hashes, count, table, places);
    PyMem_Free(table);
    count_ones(hashes, count, ones);
    for (int bit = 0; bit < 64; bit++)
        if (ones[bit] * 2 > count)
            *value |= (uint64_t)1 << bit;
    return 0;
}

static PyObject *
simhash(PyObject *module, PyObject *args)
{
    PyObject *raw;
    Py_ssize_t most, count = 0;
    if (!PyArg_ParseTuple(args, "Un", &raw, &most))
        return NULL;
    PyObject *text = lowered(raw);
    if (text == NULL)
        return NULL;
    Letters letters;
    letters_of(text, &letters);
    Py_ssize_t room = letters.size < most ? letters.size : most;
    uint64_t *marks = PyMem_Calloc(room + 3, sizeof(uint64_t));
    if (marks == NULL) {
        Py_DECREF(text);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t start, end = 0; count < most && next_word(&letters, &start, &end);)
        marks[count++] = mark_of(&letters, start, end);
    Py_ssize_t triples = count > 3 ? count - 2 : 1;
    for (Py_ssize_t i = 0; i < triples; i++)
        marks[i] = marks[i] * 0x9E3779B97F4A7C15u + marks[i + 1] * 0xC2B2AE3D27D4EB4Fu + marks[i + 2] * 0x165667B19E3779F9u;
    uint64_t value = 0;
    int failed = count && majority(marks, triples, &value) < 0;
    PyMem_Free(marks);
    Py_DECREF(text);
    return failed ? PyErr_NoMemory() : PyLong_FromUnsignedLongLong(value);
}

/* ---- phrases */

typedef struct {
    Py_UCS4 *letters;
    Py_ssize_t size;
    int32_t next; /* the next phrase with the same first letter, as far as `FIRST` can tell; -1: none */
    int group;
} Phrase;

typedef struct {
    PyObject_HEAD
    Py_ssize_t count;
    int groups;
    Phrase *phrase;
    int32_t first[256];
    uint64_t pairs[1024]; /* which two letters a phrase may begin with, as far as `FIRST` can tell: most letters begin none */
} Phrases;

#define FIRST(letter) ((letter) & 255)

static void
phrases_dealloc(Phrases *self)
{
    PyTypeObject *type = Py_TYPE(self);
    for (Py_ssize_t i = 0; i < self->count; i++)
        PyMem_Free(self->phrase[i].letters);
    PyMem_Free(self->phrase);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static void
note_pair(Phrases *self, Py_UCS4 one, Py_UCS4 two)
{
    unsigned pair = FIRST(one) << 8 | FIRST(two);
    self->pairs[pair >> 6] |= (uint64_t)1 << (pair & 63);
}

static int
add_phrase(Phrases *self, PyObject *text, int group)
{
    if (!PyUnicode_Check(text) || PyUnicode_GET_LENGTH(text) == 0) {
        PyErr_SetString(PyExc_TypeError, "a phrase is a string with a letter at least");
        return -1;
    }
    Phrase *more = PyMem_Realloc(self->phrase, sizeof(Phrase) * (self->count + 1));
    if (more == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->phrase = more;
    Phrase *phrase = more + self->count;
    phrase->letters = PyUnicode_AsUCS4Copy(text);
    if (phrase->letters == NULL)
        return -1;
    phrase->size = PyUnicode_GET_LENGTH(text);
    phrase->group = group;
    phrase->next = self->first[FIRST(phrase->letters[0])];
    self->first[FIRST(phrase->letters[0])] = (int32_t)self->count++;
    for (Py_UCS4 second = 0; phrase->size == 1 && second < 256; second++)
        note_pair(self, phrase->letters[0], second);
    if (phrase->size > 1)
        note_pair(self, phrase->letters[0], phrase->letters[1]);
    return 0;
}

static PyObject *
phrases_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"groups", NULL};
    PyObject *groups;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!", names, &PyList_Type, &groups))
        return NULL;
    Phrases *self = (Phrases *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->groups = (int)PyList_GET_SIZE(groups);
    memset(self->first, -1, sizeof(self->first));
    if (self->groups > 62)
        PyErr_SetString(PyExc_TypeError, "too many groups");
    for (int i = 0; i < self->groups && !PyErr_Occurred(); i++) {
        PyObject *group = PyList_GET_ITEM(groups, i);
        if (!PyTuple_Check(group))
            PyErr_SetString(PyExc_TypeError, "a group is a tuple of phrases");
        else
            for (Py_ssize_t j = 0; j < PyTuple_GET_SIZE(group) && add_phrase(self, PyTuple_GET_ITEM(group, j), i) == 0; j++)
                ;
    }
    if (PyErr_Occurred())
        Py_CLEAR(self);
    return (PyObject *)self;
}

static int
stands_at(const Phrase *phrase, const Letters *text, Py_ssize_t at)
{
    if (phrase->size > text->size - at)
        return 0;
    for (Py_ssize_t i = 0; i < phrase->size; i++)
        if (AT(*text, at + i) != phrase->letters[i])
            return 0;
    return 1;
}

static PyObject *
phrases_found(Phrases *self, PyObject *raw)
{
    Letters text;
    if (letters_of(raw, &text) < 0)
        return NULL;
    uint64_t bits = 0;
    Py_UCS4 letter = text.size ? AT(text, 0) : 0;
    for (Py_ssize_t i = 0; i < text.size; i++) {
        Py_UCS4 second = i + 1 < text.size ? AT(text, i + 1) : 0;
        unsigned pair = FIRST(letter) << 8 | FIRST(second);
        if (self->pairs[pair >> 6] >> (pair & 63) & 1)
            for (int32_t at = self->first[FIRST(letter)]; at >= 0; at = self->phrase[at].next)
                if (stands_at(self->phrase + at, &text, i))
                    bits |= (uint64_t)1 << self->phrase[at].group;
        letter = second;
    }
    return PyLong_FromUnsignedLongLong(bits);
}

static PyMethodDef phrases_methods[] = {
    {"found", (PyCFunction)phrases_found, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot phrases_slots[] = {
    {Py_tp_new, phrases_new},
    {Py_tp_dealloc, phrases_dealloc},
    {Py_tp_methods, phrases_methods},
    {0, NULL},
};

static PyType_Spec phrases_spec = {"crawler.parse._text.Phrases", sizeof(Phrases), 0, Py_TPFLAGS_DEFAULT, phrases_slots};

/* ---- names */

#define LETTERS ('z' - 'a' + 1)

typedef struct {
    char letters[24];
    int size;
    int whole; /* a token is this, and does not merely begin so */
    uint64_t bits;
    int32_t next; /* the next stem with the same two first letters; -1: none */
} Stem;

typedef struct {
    PyObject_HEAD
    Py_ssize_t count;
    Stem *stem;
    int32_t first[LETTERS * LETTERS];
} Stems;

static void
stems_dealloc(Stems *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->stem);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static int
pair_of(const char *letters)
{
    return (letters[0] - 'a') * LETTERS + letters[1] - 'a';
}

static int
add_stem(Stems *self, PyObject *entry)
{
    const char *letters;
    Py_ssize_t size;
    unsigned long long bits;
    int whole;
    if (!PyArg_ParseTuple(entry, "s#Kp", &letters, &size, &bits, &whole))
        return -1;
    Stem *stem = self->stem + self->count;
    int is_stem = size >= 2 && size <= (Py_ssize_t)sizeof(stem->letters);
    for (Py_ssize_t i = 0; i < size && is_stem; i++)
        is_stem = letters[i] >= 'a' && letters[i] <= 'z';
    if (!is_stem) {
        PyErr_SetString(PyExc_TypeError, "a stem has 2 to 24 letters from a to z");
        return -1;
    }
    for (int32_t at = self->first[pair_of(letters)]; whole && at >= 0; at = self->stem[at].next)
        if (self->stem[at].whole && self->stem[at].size == size && memcmp(self->stem[at].letters, letters, size) == 0) {
            self->stem[at].bits = bits;
            return 0;
        }
    memcpy(stem->letters, letters, size);
    stem->size = (int)size;
    stem->bits = bits;
    stem->whole = whole;
    stem->next = self->first[pair_of(letters)];
    self->first[pair_of(letters)] = (int32_t)self->count++;
    return 0;
}

static PyObject *
stems_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"stems", NULL};
    PyObject *stems;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!", names, &PyList_Type, &stems))
        return NULL;
    Stems *self = (Stems *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    memset(self->first, -1, sizeof(self->first));
    self->stem = PyMem_Calloc(PyList_GET_SIZE(stems) + 1, sizeof(Stem));
    if (self->stem == NULL)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(stems) && !PyErr_Occurred(); i++)
        if (PyTuple_Check(PyList_GET_ITEM(stems, i)))
            add_stem(self, PyList_GET_ITEM(stems, i));
        else
            PyErr_SetString(PyExc_TypeError, "a stem is a tuple");
    if (PyErr_Occurred())
        Py_CLEAR(self);
    return (PyObject *)self;
}

static uint64_t
bits_of_token(const Stems *self, const char *token, int size)
{
    uint64_t bits = 0;
    for (int32_t at = size < 2 ? -1 : self->first[pair_of(token)]; at >= 0; at = self->stem[at].next) {
        const Stem *stem = self->stem + at;
        if ((stem->whole ? size == stem->size : size >= stem->size) && memcmp(token, stem->letters, stem->size) == 0)
            bits |= stem->bits;
    }
    return bits;
}

static uint64_t
bits_of_name(const Stems *self, const Letters *name)
{
    uint64_t bits = 0;
    char token[24]; /* its beginning: no stem is longer */
    int size = 0;
    Py_UCS4 before = 0;
    for (Py_ssize_t i = 0; i <= name->size; i++) {
        Py_UCS4 letter = i < name->size ? AT(*name, i) : ' ', lower = letter;
        int is_capital = letter >= 'A' && letter <= 'Z';
        if (is_capital)
            lower |= 32;
        else if (letter == 0x212A || letter == 0x130) /* the Kelvin sign and the dotted I: ASCII in lower case, no capitals here */
            lower = letter == 0x130 ? 'i' : 'k';
        int is_letter = lower >= 'a' && lower <= 'z';
        if (!is_letter || (is_capital && before >= 'a' && before <= 'z')) {
            bits |= bits_of_token(self, token, size);
            size = 0;
        }
        before = letter;
        if (is_letter && size < (int)sizeof(token))
            token[size] = (char)lower;
        size += is_letter;
        if (letter == 0x130) { /* its dot is a letter of its own, and none of a token */
            bits |= bits_of_token(self, token, size);
            size = 0;
        }
    }
    return bits;
}

static PyObject *
stems_bits(Stems *self, PyObject *raw)
{
    Letters name;
    if (letters_of(raw, &name) < 0)
        return NULL;
    return PyLong_FromUnsignedLongLong(bits_of_name(self, &name));
}

static PyMethodDef stems_methods[] = {
    {"bits", (PyCFunction)stems_bits, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot stems_slots[] = {
    {Py_tp_new, stems_new},
    {Py_tp_dealloc, stems_dealloc},
    {Py_tp_methods, stems_methods},
    {0, NULL},
};

static PyType_Spec stems_spec = {"crawler.parse._text.Stems", sizeof(Stems), 0, Py_TPFLAGS_DEFAULT, stems_slots};

/* ---- vocabularies */

typedef struct {
    Py_UCS4 *letters; /* NULL: a free place */
    Py_ssize_t size;
    Py_ssize_t said; /* in the text that is being counted */
    int32_t *lists;  /* that have the word */
    int32_t count;   /* of them */
} Word;

typedef struct {
    PyObject_HEAD
    Py_ssize_t lists, words, places; /* places: a power of two, at least twice the words */
    Word *word;
} Vocabulary;

static void
vocabulary_dealloc(Vocabulary *self)
{
    PyTypeObject *type = Py_TYPE(self);
    for (Py_ssize_t i = 0; self->word != NULL && i < self->places; i++) {
        PyMem_Free(self->word[i].letters);
        PyMem_Free(self->word[i].lists);
    }
    PyMem_Free(self->word);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static Word *
place_of(const Vocabulary *self, const Letters *text, Py_ssize_t start, Py_ssize_t end) /* where a word is, or would be */
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (Py_ssize_t i = start; i < end; i++)
        hash = (hash ^ AT(*text, i)) * 0x100000001B3u;
    for (Py_ssize_t at = (hash ^ hash >> 29) & (self->places - 1);; at = (at + 1) & (self->places - 1)) {
        Word *word = self->word + at;
        if (word->letters == NULL)
            return word;
        Py_ssize_t i = word->size == end - start ? 0 : -1;
        while (i >= 0 && i < word->size && AT(*text, start + i) == word->letters[i])
            i++;
        if (i == word->size)
            return word;
    }
}

static int
add_word(Vocabulary *self, PyObject *text, int32_t list)
{
    Letters letters;
    if (letters_of(text, &letters) < 0)
        return -1;
    Word *word = place_of(self, &letters, 0, letters.size);
    if (word->letters == NULL) {
        if ((word->letters = PyUnicode_AsUCS4Copy(text)) == NULL)
            return -1;
        word->size = letters.size;
    }
    int32_t *lists = PyMem_Realloc(word->lists, sizeof(int32_t) * (word->count + 1));
    if (lists == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    lists[word->count++] = list;
    word->lists = lists;
    return 0;
}

static PyObject *
vocabulary_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"lists", NULL};
    PyObject *lists;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!", names, &PyList_Type, &lists))
        return NULL;
    Vocabulary *self = (Vocabulary *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->lists = PyList_GET_SIZE(lists);
    for (Py_ssize_t i = 0; i < self->lists && !PyErr_Occurred(); i++)
        if (PyFrozenSet_Check(PyList_GET_ITEM(lists, i)))
            self->words += PySet_GET_SIZE(PyList_GET_ITEM(lists, i));
        else
            PyErr_SetString(PyExc_TypeError, "a list of words is a frozenset");
    self->places = 4;
    while (self->places < 2 * self->words)
        self->places *= 2;
    self->word = PyErr_Occurred() ? NULL : PyMem_Calloc(self->places, sizeof(Word));
    if (self->word == NULL && !PyErr_Occurred())
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < self->lists && !PyErr_Occurred(); i++) {
        PyObject *each = PyObject_GetIter(PyList_GET_ITEM(lists, i));
        for (PyObject *word; each != NULL && (word = PyIter_Next(each)) != NULL; Py_DECREF(word))
            if (!PyErr_Occurred()) /* the iterator is run to its end */
                add_word(self, word, (int32_t)i);
        Py_XDECREF(each);
    }
    if (PyErr_Occurred())
        Py_CLEAR(self);
    return (PyObject *)self;
}

static int
is_apostrophe(Py_UCS4 letter)
{
    return letter == '\'' || letter == 0x2019;
}

static int
is_letter(Py_UCS4 letter) /* no digit of a number */
{
    return letter < 128 ? (letter | 32) >= 'a' && (letter | 32) <= 'z' : Py_UNICODE_ISALNUM(letter) && !Py_UNICODE_ISDECIMAL(letter);
}

static int
is_of_token(Py_UCS4 letter, int with_digits) /* plain._OTHER_MARKS, _OTHER_DIGITS, _LETTERS */
{
    if (letter < 128 || is_apostrophe(letter))
        return is_letter(letter) || is_apostrophe(letter);
    if ((letter >= 0x900 && letter <= 0x963) || (letter >= 0x970 && letter <= 0xDFF))
        return with_digits || !Py_UNICODE_ISDECIMAL(letter);
    return Py_UNICODE_ISALNUM(letter) && (with_digits || !Py_UNICODE_ISDECIMAL(letter));
}

static void
say(Vocabulary *self, const Letters *text, Py_ssize_t start, Py_ssize_t end, Py_ssize_t *total)
{
    Word *word = place_of(self, text, start, end);
    word->said += word->letters != NULL;
    ++*total;
}

static void
say_apart(Vocabulary *self, const Letters *text, Py_ssize_t start, Py_ssize_t end, Py_ssize_t *total)
{
    for (Py_ssize_t i = start; i < end;) { /* letters, and once more letters behind an apostrophe */
        Py_ssize_t first = i;
        while (i < end && is_letter(AT(*text, i)))
            i++;
        if (i == first) {
            i++;
            continue;
        }
        if (i + 1 < end && is_apostrophe(AT(*text, i)) && is_letter(AT(*text, i + 1)))
            for (i++; i < end && is_letter(AT(*text, i));)
                i++;
        say(self, text, first, i, total);
    }
}

static PyObject *
vocabulary_result(Vocabulary *self, Py_ssize_t total) /* forgets what was counted */
{
    Py_ssize_t *counts = PyMem_Calloc(2 * self->lists + 1, sizeof(Py_ssize_t)), *kinds = counts + self->lists;
    PyObject *said = PyList_New(self->lists), *different = PyList_New(self->lists);
    for (Py_ssize_t i = 0; i < self->places; i++) {
        Word *word = self->word + i;
        for (int32_t j = 0; counts != NULL && word->said && j < word->count; j++) {
            counts[word->lists[j]] += word->said;
            kinds[word->lists[j]]++;
        }
        word->said = 0;
    }
    for (Py_ssize_t i = 0; counts != NULL && said != NULL && different != NULL && i < self->lists; i++) {
        PyList_SET_ITEM(said, i, PyLong_FromSsize_t(counts[i]));
        PyList_SET_ITEM(different, i, PyLong_FromSsize_t(kinds[i]));
    }
    int failed = counts == NULL || said == NULL || different == NULL || PyErr_Occurred();
    PyMem_Free(counts);
    if (!failed)
        return Py_BuildValue("(NNn)", said, different, total);
    Py_XDECREF(said);
    Py_XDECREF(different);
    return PyErr_Occurred() ? NULL : PyErr_NoMemory();
}

static PyObject *
vocabulary_counted(Vocabulary *self, PyObject *args)
{
    PyObject *raw;
    int with_digits;
    if (!PyArg_ParseTuple(args, "Up", &raw, &with_digits))
        return NULL;
    Letters text;
    letters_of(raw, &text);
    PyObject *lower = small(raw, &text);
    if (lower == NULL)
        return NULL;
    letters_of(lower, &text);
    Py_ssize_t total = 0;
    for (Py_ssize_t i = 0, start; i < text.size; i++) {
        int is_apart = 0;
        for (start = i; i < text.size && is_of_token(AT(text, i), with_digits); i++)
            is_apart |= is_apostrophe(AT(text, i));
        if (i > start)
            (is_apart ? say_apart : say)(self, &text, start, i, &total);
    }
    Py_DECREF(lower);
    return vocabulary_result(self, total);
}

static PyMethodDef vocabulary_methods[] = {
    {"counted", (PyCFunction)vocabulary_counted, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot vocabulary_slots[] = {
    {Py_tp_new, vocabulary_new},
    {Py_tp_dealloc, vocabulary_dealloc},
    {Py_tp_methods, vocabulary_methods},
    {0, NULL},
};

static PyType_Spec vocabulary_spec = {
    "crawler.parse._text.Vocabulary", sizeof(Vocabulary), 0, Py_TPFLAGS_DEFAULT, vocabulary_slots};

/* ---- opening words */

typedef struct {
    Py_UCS4 *letters; /* NULL: a free place */
    Py_ssize_t size;
    uint64_t opening, anywhere; /* bits where it is among the first words, and wherever it stands */
    int leads;                  /* longer phrases begin with this word */
} Said;

typedef struct {
    PyObject_HEAD
    Py_ssize_t look, places; /* places: a power of two, at least twice the phrases and their first words */
    Said *said;
} Openings;

static void
openings_dealloc(Openings *self)
{
    PyTypeObject *type = Py_TYPE(self);
    for (Py_ssize_t i = 0; self->said != NULL && i < self->places; i++)
        PyMem_Free(self->said[i].letters);
    PyMem_Free(self->said);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static Said *
said_at(const Openings *self, const Py_UCS4 *letters, Py_ssize_t size) /* where a phrase is, or would be */
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (Py_ssize_t i = 0; i < size; i++)
        hash = (hash ^ letters[i]) * 0x100000001B3u;
    for (Py_ssize_t at = (hash ^ hash >> 29) & (self->places - 1);; at = (at + 1) & (self->places - 1)) {
        Said *said = self->said + at;
        if (said->letters == NULL || (said->size == size && memcmp(said->letters, letters, sizeof(Py_UCS4) * size) == 0))
            return said;
    }
}

static Said *
said_for(Openings *self, const Py_UCS4 *letters, Py_ssize_t size) /* the same, taken if it was free */
{
    Said *said = said_at(self, letters, size);
    if (said->letters == NULL) {
        if ((said->letters = PyMem_Malloc(sizeof(Py_UCS4) * (size + 1))) == NULL)
            return (Said *)PyErr_NoMemory();
        memcpy(said->letters, letters, sizeof(Py_UCS4) * size);
        said->size = size;
    }
    return said;
}

static int
add_opening(Openings *self, PyObject *text, PyObject *number, int is_opening)
{
    Letters letters;
    uint64_t bits = PyLong_Check(number) ? PyLong_AsUnsignedLongLong(number) : 0;
    if (!PyLong_Check(number))
        PyErr_SetString(PyExc_TypeError, "bits are a number");
    if (PyErr_Occurred() || letters_of(text, &letters) < 0)
        return -1;
    Py_UCS4 *copy = PyUnicode_AsUCS4Copy(text);
    Said *said = copy != NULL ? said_for(self, copy, letters.size) : NULL;
    if (said != NULL) {
        *(is_opening ? &said->opening : &said->anywhere) |= bits;
        Py_ssize_t first = 0;
        while (first < letters.size && copy[first] != ' ')
            first++;
        if (first < letters.size && (said = said_for(self, copy, first)) != NULL)
            said->leads = 1;
    }
    PyMem_Free(copy);
    return said == NULL ? -1 : 0;
}

static PyObject *
openings_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"openings", "anywhere", "look", NULL};
    PyObject *tables[2], *text, *bits;
    Py_ssize_t look;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!n", names, &PyDict_Type, &tables[0], &PyDict_Type, &tables[1], &look))
        return NULL;
    Openings *self = (Openings *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->look = look;
    self->places = 4;
    while (self->places < 4 * (PyDict_GET_SIZE(tables[0]) + PyDict_GET_SIZE(tables[1])))
        self->places *= 2;
    if ((self->said = PyMem_Calloc(self->places, sizeof(Said))) == NULL)
        PyErr_NoMemory();
    for (int i = 0; i < 2; i++)
        for (Py_ssize_t at = 0; !PyErr_Occurred() && PyDict_Next(tables[i], &at, &text, &bits);)
            add_opening(self, text, bits, i == 0);
    if (PyErr_Occurred())
        Py_CLEAR(self);
    return (PyObject *)self;
}

typedef struct {
    Py_UCS4 *letters; /* the words, with a space between any two */
    Py_ssize_t *start, *end, count;
} Spaced;

static int
spaced(PyObject *text, Spaced *found)
{
    Letters letters;
    letters_of(text, &letters);
    Py_ssize_t size = 0, most = letters.size + 1;
    found->count = 0;
    found->letters = PyMem_Malloc(2 * most * sizeof(Py_UCS4));
    found->start = PyMem_Malloc(2 * most * sizeof(Py_ssize_t));
    found->end = found->start + most;
    if (found->letters == NULL || found->start == NULL) {
        PyMem_Free(found->letters);
        PyMem_Free(found->start);
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t start, end = 0; next_word(&letters, &start, &end); found->count++) {
        found->start[found->count] = size;
        for (Py_ssize_t i = start; i < end; i++)
            found->letters[size++] = AT(letters, i);
        found->end[found->count] = size;
        found->letters[size++] = ' ';
    }
    return 0;
}

static void
opening_bits(const Openings *self, const Spaced *words, uint64_t *found, uint64_t *first)
{
    *found = *first = 0;
    for (Py_ssize_t at = 0; at < words->count; at++) {
        uint64_t bits = 0, opening = at < self->look ? ~(uint64_t)0 : 0;
        for (Py_ssize_t last = at; last < words->count && last < at + 3; last++) {
            const Said *said = said_at(self, words->letters + words->start[at], words->end[last] - words->start[at]);
            if (said->letters != NULL)
                bits |= said->anywhere | (said->opening & opening);
            if (last == at && (said->letters == NULL || !said->leads))
                break;
        }
        *found |= bits;
        if (at == 0)
            *first = bits;
    }
}

static Py_ssize_t
also_said(const Spaced *words, PyObject *also) /* how many of the words are in a list; -1 for an error */
{
    Py_ssize_t count = 0;
    uint64_t firsts = 0;
    Letters other;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(also); i++) {
        if (letters_of(PyList_GET_ITEM(also, i), &other) < 0)
            return -1;
        firsts |= other.size ? (uint64_t)1 << (AT(other, 0) & 63) : 0;
    }
    for (Py_ssize_t at = 0; at < words->count; at++) {
        const Py_UCS4 *word = words->letters + words->start[at];
        Py_ssize_t size = words->end[at] - words->start[at], same = -1;
        for (Py_ssize_t i = 0; firsts >> (word[0] & 63) & 1 && same != size && i < PyList_GET_SIZE(also); i++) {
            letters_of(PyList_GET_ITEM(also, i), &other);
            for (same = other.size == size ? 0 : -1; same >= 0 && same < size && AT(other, same) == word[same];)
                same++;
        }
        count += same == size;
    }
    return count;
}

static PyObject *
openings_read(Openings *self, PyObject *args)
{
    PyObject *raw, *also;
    if (!PyArg_ParseTuple(args, "UO!", &raw, &PyList_Type, &also))
        return NULL;
    PyObject *text = lowered(raw);
    Spaced words;
    if (text == NULL || spaced(text, &words) < 0) {
        Py_XDECREF(text);
        return NULL;
    }
    uint64_t found, first;
    opening_bits(self, &words, &found, &first);
    Py_ssize_t shared = also_said(&words, also);
    PyMem_Free(words.letters);
    PyMem_Free(words.start);
    Py_DECREF(text);
    return shared < 0 ? NULL : Py_BuildValue("(KKnn)", found, first, words.count, shared);
}

static PyMethodDef openings_methods[] = {
    {"read", (PyCFunction)openings_read, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot openings_slots[] = {
    {Py_tp_new, openings_new},
    {Py_tp_dealloc, openings_dealloc},
    {Py_tp_methods, openings_methods},
    {0, NULL},
};

static PyType_Spec openings_spec = {"crawler.parse._text.Openings", sizeof(Openings), 0, Py_TPFLAGS_DEFAULT, openings_slots};

static PyMethodDef functions[] = {
    {"capitals", capitals, METH_O, NULL},
    {"clean", clean, METH_O, NULL},
    {"count_letters", count_letters, METH_VARARGS, NULL},
    {"lower", lower, METH_O, NULL},
    {"simhash", simhash, METH_VARARGS, NULL},
    {"squeezed", squeezed, METH_O, NULL},
    {"straight", straight, METH_O, NULL},
    {"unit_length", unit_length, METH_O, NULL},
    {"word_count", word_count, METH_O, NULL},
    {"words", words, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static int
add_type(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);
    if (type == NULL)
        return -1;
    int failed = PyModule_AddObjectRef(module, name, type);
    Py_DECREF(type);
    return failed;
}

static int
fill(PyObject *module)
{
    make_crc_table();
    make_small_letters();
    if (add_type(module, "Phrases", &phrases_spec) < 0 || add_type(module, "Stems", &stems_spec) < 0)
        return -1;
    if (add_type(module, "Openings", &openings_spec) < 0)
        return -1;
    return add_type(module, "Vocabulary", &vocabulary_spec);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT, .m_name = "_text", .m_methods = functions, .m_slots = slots};

PyMODINIT_FUNC
PyInit__text(void)
{
    return PyModuleDef_Init(&definition);
}
