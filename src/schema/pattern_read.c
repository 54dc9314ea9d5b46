/* Recursive descent over the grammar of ECMA-262 section 22.2.1 with [+UnicodeMode], and, unless
 * strict, the parts of annex B that real schemas have: needless escapes, lone brackets and braces,
 * `[\w-.]`. Escapes of letters that mean nothing are refused always: who writes \A or \Z expects
 * more than an A. */
#include "schema/pattern_tree.h"

#include "document/utf8.h"

#include <stdio.h>

struct reader {
    struct text source;
    size_t at;
    struct arena *arena;
    struct pattern_problem *problem;
    bool strict;
    bool failed;
    unsigned nesting;
    uint32_t groups;    /* capturing, in the whole pattern */
    uint32_t opened;    /* of them, so far */
    struct text *names; /* by group number - 1; empty where it has none */
};

static struct pattern_node *read_choice(struct reader *reader);

/* The byte `ahead` of the current one; NUL past the end (a NUL in the pattern means nothing). */
static char peek(const struct reader *reader, size_t ahead)
{
    return reader->at + ahead < reader->source.len ? reader->source.at[reader->at + ahead] : '\0';
}

static bool at_end(const struct reader *reader)
{
    return reader->at >= reader->source.len;
}

static bool take(struct reader *reader, const char *expected)
{
    if (!text_starts(text_after(reader->source, reader->at), text_of(expected)))
        return false;
    reader->at += strlen(expected);
    return true;
}

static void tell(struct reader *reader, size_t from, const char *message)
{
    size_t len = reader->at > from ? reader->at - from : 1;

    reader->problem->offset = from;
    reader->problem->len = from + len <= reader->source.len ? len : reader->source.len - from;
    snprintf(reader->problem->message, sizeof reader->problem->message, "%s", message);
}

/* The first mistake is the one told. Reading stops: nothing is left. */
static void refuse(struct reader *reader, size_t from, const char *message)
{
    if (!reader->failed)
        tell(reader, from, message);
    reader->failed = true;
    reader->at = reader->source.len;
}

/* The same about a bracket that nothing closes: only the bracket is shown. */
static void refuse_opening(struct reader *reader, size_t from, const char *message)
{
    reader->at = from;
    refuse(reader, from, message);
}

/* What annex B allows: refused when strict, else remembered (the first). */
static bool forgive(struct reader *reader, size_t from, const char *message)
{
    if (reader->strict) {
        refuse(reader, from, message);
        return false;
    }
    if (reader->problem->message[0] == '\0')
        tell(reader, from, message);
    return true;
}

static struct pattern_node *new_node(struct reader *reader, enum pattern_form form)
{
    struct pattern_node *node = ARENA_NEW(reader->arena, struct pattern_node);

    node->form = form;
    return node;
}

static void add_child(struct pattern_node *node, struct pattern_node *child)
{
    if (node->last_child != NULL)
        node->last_child->next = child;
    else
        node->first_child = child;
    node->last_child = child;
}

static struct pattern_node *new_set(struct reader *reader)
{
    struct pattern_node *node = new_node(reader, FORM_SET);

    node->set = ARENA_NEW(reader->arena, struct code_set);
    return node;
}

static struct pattern_node *one_code_point(struct reader *reader, uint32_t code_point)
{
    struct pattern_node *node = new_set(reader);

    code_set_add(node->set, reader->arena, code_point, code_point);
    return node;
}

static uint32_t take_code_point(struct reader *reader)
{
    uint32_t code_point = 0;
    size_t len = utf8_decode(text_after(reader->source, reader->at), &code_point);

    reader->at += len ? len : 1;
    return code_point;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
        return (byte | 0x20) - 'a' + 10;
    return -1;
}

static bool take_hex(struct reader *reader, unsigned digits, uint32_t *out)
{
    *out = 0;
    for (unsigned i = 0; i < digits; i++) {
        int digit = hex_digit(peek(reader, i));

        if (digit < 0)
            return false;
        *out = *out * 16 + (uint32_t)digit;
    }
    reader->at += digits;
    return true;
}

static bool take_braced_hex(struct reader *reader, uint32_t *out)
{
    unsigned digits = 0;

    *out = 0;
    for (; hex_digit(peek(reader, 0)) >= 0; digits++, reader->at++) {
        *out = *out * 16 + (uint32_t)hex_digit(peek(reader, 0));
        if (*out > CODE_POINT_MAX)
            return false;
    }
    return digits > 0 && take(reader, "}");
}

/* Behind "\u". Two escaped surrogates are one code point; a lone one stays what it is. */
static uint32_t take_unicode_escape(struct reader *reader, size_t from)
{
    uint32_t first, second;
    size_t behind;

    if (take(reader, "{")) {
        if (!take_braced_hex(reader, &first))
            refuse(reader, from, "\\u{...} must hold a code point up to 10FFFF in hexadecimal");
        return first;
    }
    if (!take_hex(reader, 4, &first)) {
        refuse(reader, from, "\\u must be followed by four hexadecimal digits");
        return 0;
    }
    behind = reader->at;
    if (first >= 0xD800 && first <= 0xDBFF && take(reader, "\\u") && take_hex(reader, 4, &second) &&
        second >= 0xDC00 && second <= 0xDFFF)
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    reader->at = behind;
    return first;
}

/* Annex B: up to three octal digits, the first of which is at the reader. */
static uint32_t take_octal(struct reader *reader, size_t from)
{
    uint32_t value = 0;

    for (int i = 0; i < 3 && peek(reader, 0) >= '0' && peek(reader, 0) <= '7' && value < 32; i++)
        value = value * 8 + (uint32_t)(reader->source.at[reader->at++] - '0');
    forgive(reader, from, "this is an octal escape; write \\x and two hexadecimal digits");
    return value;
}

static bool is_syntax(char byte)
{
    return byte != '\0' && strchr("^$\\.*+?()[]{}|/", byte) != NULL;
}

/* An escape that stands for one code point, behind its backslash. */
static uint32_t take_character_escape(struct reader *reader, size_t from, bool in_class)
{
    static const char letters[] = "fnrtv", values[] = "\f\n\r\t\v";
    char letter = peek(reader, 0);
    const char *control = letter ? strchr(letters, letter) : NULL;
    uint32_t value;

    if (at_end(reader)) {
        refuse(reader, from, "the pattern ends in a lone backslash");
        return 0;
    }
    if (control != NULL) {
        reader->at++;
        return (unsigned char)values[control - letters];
    }
    if (letter == 'c') {
        char name = peek(reader, 1);

        reader->at += 2;
        if ((name | 0x20) < 'a' || (name | 0x20) > 'z')
            refuse(reader, from, "\\c must be followed by a letter");
        return (uint32_t)name & 0x1F;
    }
    if (take(reader, "x")) {
        if (!take_hex(reader, 2, &value))
            refuse(reader, from, "\\x must be followed by two hexadecimal digits");
        return value;
    }
    if (take(reader, "u"))
        return take_unicode_escape(reader, from);
    if (letter >= '0' && letter <= '7' &&
        !(letter == '0' && (peek(reader, 1) < '0' || peek(reader, 1) > '9')))
        return take_octal(reader, from);
    value = take_code_point(reader);
    if (value == '0')
        return 0;
    if (value < 0x80 && (is_syntax((char)value) || (in_class && value == '-')))
        return value;
    if ((value | 0x20) >= 'a' && (value | 0x20) <= 'z' && value < 0x80)
        refuse(reader, from, "ECMAScript has no such escape");
    else if (value == '8' || value == '9')
        refuse(reader, from, "there are fewer groups than this number");
    else
        forgive(reader, from, "this escape is needless: write the character without the backslash");
    return value;
}

/* \d \w \s \p and their complements, behind the backslash; false when it is something else. */
static bool take_class_escape(struct reader *reader, struct code_set *set, size_t from)
{
    char letter = peek(reader, 0);
    struct text rest, expression;

    if (letter != '\0' && strchr("dDwWsS", letter) != NULL) {
        reader->at++;
        code_set_add_class(set, reader->arena, letter);
        return true;
    }
    if (letter != 'p' && letter != 'P')
        return false;
    reader->at++;
    rest = text_after(reader->source, reader->at + 1);
    expression = text_first(rest, text_find_byte(rest, '}'));
    if (peek(reader, 0) != '{' || expression.len == rest.len) {
        refuse(reader, from, "\\p must be followed by the name of a property in braces");
        return true;
    }
    reader->at += expression.len + 2;
    if (!code_set_add_property(set, reader->arena, expression, letter == 'P'))
        refuse(reader, from, "ECMAScript has no property of this name");
    return true;
}

/* One element of a class; false when it is a class of its own, already added to the set. */
static bool take_class_atom(struct reader *reader, struct code_set *set, uint32_t *out)
{
    size_t from = reader->at;

    if (!take(reader, "\\")) {
        *out = take_code_point(reader);
        return true;
    }
    if (take_class_escape(reader, set, from))
        return false;
    if (take(reader, "b"))
        *out = '\b';
    else
        *out = take_character_escape(reader, from, true);
    return true;
}

static void take_class_element(struct reader *reader, struct code_set *set)
{
    size_t from = reader->at;
    uint32_t first = 0, last = 0;
    bool first_plain = take_class_atom(reader, set, &first), last_plain;

    if (peek(reader, 0) != '-' || peek(reader, 1) == ']' || reader->at + 1 >= reader->source.len) {
        if (first_plain)
            code_set_add(set, reader->arena, first, first);
        return;
    }
    reader->at++;
    last_plain = take_class_atom(reader, set, &last);
    if (first_plain && last_plain) {
        if (first > last)
            refuse(reader, from, "the range is out of order");
        code_set_add(set, reader->arena, first, last);
        return;
    }
    forgive(reader, from, "a class such as \\w cannot begin or end a range: put the '-' last");
    code_set_add(set, reader->arena, '-', '-');
    if (first_plain)
        code_set_add(set, reader->arena, first, first);
    if (last_plain)
        code_set_add(set, reader->arena, last, last);
}

static struct pattern_node *read_class(struct reader *reader, size_t from)
{
    struct pattern_node *node = new_set(reader);

    node->set->negated = take(reader, "^");
    while (!at_end(reader) && peek(reader, 0) != ']')
        take_class_element(reader, node->set);
    if (!take(reader, "]"))
        refuse_opening(reader, from, "the '[' is never closed");
    return node;
}

/* "name>" behind "(?<" or "\k<". */
static struct text take_name(struct reader *reader, size_t from)
{
    struct text rest = text_after(reader->source, reader->at);
    struct text name = text_first(rest, text_find_byte(rest, '>'));
    bool good = name.len > 0 && name.len < rest.len;

    for (size_t i = 0; i < name.len && good; i++) {
        unsigned char byte = (unsigned char)name.at[i];
        bool digit = byte >= '0' && byte <= '9';

        good = (digit && i > 0) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte == '_' ||
               byte == '$' || byte >= 0x80;
    }
    if (!good)
        refuse(reader, from, "the name of a group must be an identifier between '<' and '>'");
    else
        reader->at += name.len + 1;
    return name;
}

static uint32_t group_named(const struct reader *reader, struct text name)
{
    for (uint32_t i = 0; i < reader->groups; i++) {
        if (reader->names[i].len > 0 && text_equal(reader->names[i], name))
            return i + 1;
    }
    return 0;
}

static struct pattern_node *read_named_reference(struct reader *reader, size_t from)
{
    struct pattern_node *node = new_node(reader, FORM_REFERENCE);

    if (!take(reader, "<")) {
        refuse(reader, from, "\\k must be followed by the name of a group in '<' and '>'");
        return node;
    }
    node->number = group_named(reader, take_name(reader, from));
    if (node->number == 0)
        refuse(reader, from, "there is no group of this name");
    return node;
}

/* "\1" and on, behind the backslash; NULL when there are not so many groups. */
static struct pattern_node *read_numbered_reference(struct reader *reader)
{
    struct pattern_node *node;
    uint32_t number = 0;
    size_t digits = 0;

    while (peek(reader, digits) >= '0' && peek(reader, digits) <= '9' && number < 100000)
        number = number * 10 + (uint32_t)(peek(reader, digits++) - '0');
    if (number == 0 || number > reader->groups)
        return NULL;
    reader->at += digits;
    node = new_node(reader, FORM_REFERENCE);
    node->number = number;
    return node;
}

static struct pattern_node *read_escape(struct reader *reader, size_t from)
{
    char letter = peek(reader, 0);
    struct pattern_node *node;

    if (letter == 'b' || letter == 'B') {
        node = new_node(reader, FORM_BOUNDARY);
        node->negated = letter == 'B';
        reader->at++;
        return node;
    }
    if (take(reader, "k"))
        return read_named_reference(reader, from);
    if (letter >= '1' && letter <= '9') {
        node = read_numbered_reference(reader);
        if (node != NULL)
            return node;
        if (reader->strict)
            refuse(reader, from, "there are fewer groups than this number");
    }
    node = new_set(reader);
    if (!take_class_escape(reader, node->set, from)) {
        uint32_t value = take_character_escape(reader, from, false);

        code_set_add(node->set, reader->arena, value, value);
    }
    return node;
}

/* Behind "(". */
static struct pattern_node *read_group(struct reader *reader, size_t from)
{
    struct pattern_node *node = new_node(reader, FORM_GROUP);

    if (++reader->nesting > PATTERN_NESTING_MAX)
        refuse(reader, from, "groups are nested more than 200 deep");
    if (take(reader, "?=") || take(reader, "?!")) {
        node->form = FORM_AHEAD;
        node->negated = reader->source.at[reader->at - 1] == '!';
    } else if (take(reader, "?<=") || take(reader, "?<!")) {
        node->form = FORM_BEHIND;
        node->negated = reader->source.at[reader->at - 1] == '!';
    } else if (take(reader, "?<")) {
        take_name(reader, from);
        node->number = ++reader->opened;
    } else if (peek(reader, 0) == '?' && !take(reader, "?:")) {
        reader->at += 2;
        refuse(reader, from,
               "ECMAScript has no such group: there are (?:, (?=, (?!, (?<=, (?<! "
               "and (?<name>");
    } else if (reader->at == from + 1) {
        node->number = ++reader->opened;
    }
    if (!reader->failed)
        add_child(node, read_choice(reader));
    if (!take(reader, ")"))
        refuse_opening(reader, from, "the '(' is never closed");
    reader->nesting--;
    return node;
}

/* Reads "{n}", "{n,}" or "{n,m}" behind the brace without moving; 0 when it is none. */
static size_t braces_len(const struct reader *reader, struct pattern_node *repeat)
{
    size_t len = 1, digits;
    uint32_t value[2] = {0, REPEAT_ENDLESS};

    for (int i = 0; i < 2; i++) {
        uint32_t number = 0;

        for (digits = 0; peek(reader, len) >= '0' && peek(reader, len) <= '9'; digits++, len++)
            number = number > 100000 ? number : number * 10 + (uint32_t)(peek(reader, len) - '0');
        if (digits == 0 && i == 0)
            return 0;
        if (digits > 0)
            value[i] = number;
        if (peek(reader, len) == '}') {
            repeat->least = value[0];
            repeat->most = i == 0 ? value[0] : value[1];
            return len + 1;
        }
        if (i > 0 || peek(reader, len++) != ',')
            return 0;
    }
    return 0;
}

/* The quantifier at the reader, as a repeat without child; NULL when there is none. */
static struct pattern_node *read_quantifier(struct reader *reader)
{
    struct pattern_node *repeat = new_node(reader, FORM_REPEAT);
    size_t from = reader->at, braces;

    repeat->most = REPEAT_ENDLESS;
    if (take(reader, "+")) {
        repeat->least = 1;
    } else if (take(reader, "?")) {
        repeat->most = 1;
    } else if (peek(reader, 0) == '{') {
        braces = braces_len(reader, repeat);
        if (braces == 0)
            return NULL;
        reader->at += braces;
    } else if (!take(reader, "*")) {
        return NULL;
    }
    repeat->lazy = take(reader, "?");
    if (repeat->least > repeat->most)
        refuse(reader, from, "the least number of repeats is above the most");
    else if (repeat->least > REPEAT_MAX ||
             (repeat->most > REPEAT_MAX && repeat->most != REPEAT_ENDLESS))
        refuse(reader, from, "at most 65535 repeats can be asked for");
    return repeat;
}

static struct pattern_node *read_dot(struct reader *reader)
{
    struct pattern_node *node = new_set(reader);

    node->set->negated = true;
    code_set_add(node->set, reader->arena, '\n', '\n');
    code_set_add(node->set, reader->arena, '\r', '\r');
    code_set_add(node->set, reader->arena, 0x2028, 0x2029);
    return node;
}

static struct pattern_node *read_literal(struct reader *reader, size_t from)
{
    char byte = peek(reader, 0);

    if (byte == '*' || byte == '+' || byte == '?') {
        reader->at++;
        refuse(reader, from, "there is nothing to repeat here");
    } else if (byte == '{' || byte == '}' || byte == ']') {
        struct pattern_node repeat;

        if (byte == '{' && braces_len(reader, &repeat) > 0)
            refuse(reader, from, "there is nothing to repeat here");
        reader->at++;
        forgive(reader, from, "this bracket stands alone: write a backslash before it");
        return one_code_point(reader, (unsigned char)byte);
    }
    return one_code_point(reader, take_code_point(reader));
}

static struct pattern_node *read_atom(struct reader *reader)
{
    size_t from = reader->at;

    if (take(reader, "^"))
        return new_node(reader, FORM_START);
    if (take(reader, "$"))
        return new_node(reader, FORM_END);
    if (take(reader, "."))
        return read_dot(reader);
    if (take(reader, "["))
        return read_class(reader, from);
    if (take(reader, "("))
        return read_group(reader, from);
    if (take(reader, "\\"))
        return read_escape(reader, from);
    return read_literal(reader, from);
}

static struct pattern_node *read_term(struct reader *reader)
{
    size_t from = reader->at;
    struct pattern_node *atom = read_atom(reader), *repeat = read_quantifier(reader);

    if (repeat == NULL)
        return atom;
    if (atom->form == FORM_AHEAD)
        forgive(reader, from, "a look-ahead cannot be repeated");
    else if (atom->form == FORM_BEHIND || atom->form == FORM_START || atom->form == FORM_END ||
             atom->form == FORM_BOUNDARY)
        refuse(reader, from, "there is nothing to repeat here");
    add_child(repeat, atom);
    return repeat;
}

static struct pattern_node *read_sequence(struct reader *reader)
{
    struct pattern_node *sequence = new_node(reader, FORM_SEQUENCE);

    while (!at_end(reader) && peek(reader, 0) != '|' && peek(reader, 0) != ')')
        add_child(sequence, read_term(reader));
    return sequence;
}

static struct pattern_node *read_choice(struct reader *reader)
{
    struct pattern_node *choice = new_node(reader, FORM_CHOICE);

    add_child(choice, read_sequence(reader));
    while (take(reader, "|"))
        add_child(choice, read_sequence(reader));
    return choice;
}

/* Groups may be referred to before they are opened, so they are counted and named first. A class
 * hides parentheses. */
static void find_groups(struct reader *reader)
{
    bool in_class = false;

    for (; !at_end(reader) && !reader->failed; reader->at++) {
        char byte = peek(reader, 0);
        bool named;

        if (byte == '\\')
            reader->at++;
        else if (byte == '[')
            in_class = true;
        else if (byte == ']')
            in_class = false;
        if (byte != '(' || in_class)
            continue;
        named = peek(reader, 1) == '?' && peek(reader, 2) == '<' && peek(reader, 3) != '=' &&
                peek(reader, 3) != '!';
        if (peek(reader, 1) != '?' || named) {
            struct text name = {0};
            size_t from = reader->at;

            if (named) {
                reader->at += 3;
                name = take_name(reader, from);
                if (!reader->failed && group_named(reader, name) != 0)
                    refuse(reader, from, "another group has this name");
                reader->at = reader->failed ? reader->at : reader->at - 1;
            }
            reader->names[reader->groups++] = name;
        }
    }
}

struct pattern_node *pattern_read(struct text source, bool strict, struct arena *arena,
                                  struct pattern_problem *out_problem)
{
    struct reader reader = {
        .source = source, .arena = arena, .problem = out_problem, .strict = strict};
    struct pattern_node *tree;

    *out_problem = (struct pattern_problem){0};
    if (source.len > PATTERN_BYTES_MAX) {
        refuse(&reader, 0, "the pattern has more than 8192 bytes");
        return NULL;
    }
    reader.names = ARENA_ARRAY(arena, struct text, source.len);
    find_groups(&reader);
    reader.at = reader.failed ? source.len : 0;
    tree = read_choice(&reader);
    if (!at_end(&reader))
        refuse(&reader, reader.at, "there is a ')' without '('");
    return reader.failed ? NULL : tree;
}
