/* Recursive descent over the grammar of ECMA-262 section 22.2.1 with [+UnicodeMode], and, unless
 * strict, the parts of annex B that real schemas have: needless escapes, lone brackets and braces,
 * `[\w-.]`. The nesting of groups is bounded. */
#include "schema/pattern_reader.h"

static struct pattern_node *read_choice(struct reader *reader);

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
    child->previous = node->last_child;
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

static struct pattern_node *read_class(struct reader *reader, size_t from)
{
    struct pattern_node *node = new_set(reader);

    node->set->negated = reader_take(reader, "^");
    while (!reader_at_end(reader) && reader_peek(reader, 0) != ']')
        reader_take_class_element(reader, node->set);
    if (!reader_take(reader, "]"))
        reader_refuse_opening(reader, from, "the '[' is never closed");
    return node;
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

    if (!reader_take(reader, "<")) {
        reader_refuse(reader, from, "\\k must be followed by the name of a group in '<' and '>'");
        return node;
    }
    node->number = group_named(reader, reader_take_name(reader, from));
    if (node->number == 0)
        reader_refuse(reader, from, "there is no group of this name");
    return node;
}

/* "\1" and on, behind the backslash; NULL when there are not so many groups. */
static struct pattern_node *read_numbered_reference(struct reader *reader)
{
    struct pattern_node *node;
    uint32_t number = 0;
    size_t digits = 0;

    while (reader_peek(reader, digits) >= '0' && reader_peek(reader, digits) <= '9' &&
           number < 100000)
        number = number * 10 + (uint32_t)(reader_peek(reader, digits++) - '0');
    if (number == 0 || number > reader->groups)
        return NULL;
    reader->at += digits;
    node = new_node(reader, FORM_REFERENCE);
    node->number = number;
    return node;
}

static struct pattern_node *read_escape(struct reader *reader, size_t from)
{
    char letter = reader_peek(reader, 0);
    struct pattern_node *node;

    if (letter == 'b' || letter == 'B') {
        node = new_node(reader, FORM_BOUNDARY);
        node->negated = letter == 'B';
        reader->at++;
        return node;
    }
    if (reader_take(reader, "k"))
        return read_named_reference(reader, from);
    if (letter >= '1' && letter <= '9') {
        node = read_numbered_reference(reader);
        if (node != NULL)
            return node;
        if (reader->strict)
            reader_refuse(reader, from, "there are fewer groups than this number");
    }
    node = new_set(reader);
    if (!reader_take_class(reader, node->set, from)) {
        uint32_t value = reader_take_character(reader, from, false);

        code_set_add(node->set, reader->arena, value, value);
    }
    return node;
}

/* Behind "(". */
static struct pattern_node *read_group(struct reader *reader, size_t from)
{
    struct pattern_node *node = new_node(reader, FORM_GROUP);

    if (++reader->nesting > PATTERN_NESTING_MAX)
        reader_refuse(reader, from, "groups are nested more than 200 deep");
    if (reader_take(reader, "?=") || reader_take(reader, "?!")) {
        node->form = FORM_AHEAD;
        node->negated = reader->source.at[reader->at - 1] == '!';
    } else if (reader_take(reader, "?<=") || reader_take(reader, "?<!")) {
        node->form = FORM_BEHIND;
        node->negated = reader->source.at[reader->at - 1] == '!';
    } else if (reader_take(reader, "?<")) {
        reader_take_name(reader, from);
        node->number = ++reader->opened;
    } else if (reader_peek(reader, 0) == '?' && !reader_take(reader, "?:")) {
        reader->at += 2;
        reader_refuse(reader, from,
                      "ECMAScript has no such group: there are (?:, (?=, (?!, (?<=, (?<! "
                      "and (?<name>");
    } else if (reader->at == from + 1) {
        node->number = ++reader->opened;
    }
    if (!reader->failed)
        add_child(node, read_choice(reader));
    if (!reader_take(reader, ")"))
        reader_refuse_opening(reader, from, "the '(' is never closed");
    reader->nesting--;
    return node;
}

/* Numbers that are too high are told apart only by whether they are in order. */
static void set_repeat(struct pattern_node *repeat, uint64_t least, uint64_t most)
{
    repeat->least = least <= REPEAT_MAX ? (uint32_t)least : REPEAT_MAX + 1;
    repeat->most = most <= REPEAT_MAX   ? (uint32_t)most
                   : most == UINT64_MAX ? REPEAT_ENDLESS
                                        : REPEAT_MAX + 1;
    if (least > most)
        repeat->most = 0;
}

/* Reads "{n}", "{n,}" or "{n,m}" behind the brace without moving; 0 when it is none. */
static size_t braces_len(const struct reader *reader, struct pattern_node *repeat)
{
    size_t len = 1, digits;
    uint64_t value[2] = {0, UINT64_MAX};

    for (int i = 0; i < 2; i++) {
        uint64_t number = 0;

        for (digits = 0; reader_peek(reader, len) >= '0' && reader_peek(reader, len) <= '9';
             digits++, len++)
            number = number > UINT64_MAX / 16
                         ? number
                         : number * 10 + (uint64_t)(reader_peek(reader, len) - '0');
        if (digits == 0 && i == 0)
            return 0;
        if (digits > 0)
            value[i] = number;
        if (reader_peek(reader, len) == '}') {
            set_repeat(repeat, value[0], i == 0 ? value[0] : value[1]);
            return len + 1;
        }
        if (i > 0 || reader_peek(reader, len++) != ',')
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
    if (reader_take(reader, "+")) {
        repeat->least = 1;
    } else if (reader_take(reader, "?")) {
        repeat->most = 1;
    } else if (reader_peek(reader, 0) == '{') {
        braces = braces_len(reader, repeat);
        if (braces == 0)
            return NULL;
        reader->at += braces;
    } else if (!reader_take(reader, "*")) {
        return NULL;
    }
    repeat->lazy = reader_take(reader, "?");
    if (repeat->least > repeat->most)
        reader_refuse(reader, from, "the least number of repeats is above the most");
    else if (!reader->strict && (repeat->least > REPEAT_MAX || repeat->most == REPEAT_MAX + 1))
        reader_refuse(
            reader, from,
            "at most 65535 repeats can be asked for here: bound the length with minLength and "
            "maxLength");
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
    char byte = reader_peek(reader, 0);

    if (byte == '*' || byte == '+' || byte == '?') {
        reader->at++;
        reader_refuse(reader, from, "there is nothing to repeat here");
    } else if (byte == '{' || byte == '}' || byte == ']') {
        struct pattern_node repeat;

        if (byte == '{' && braces_len(reader, &repeat) > 0)
            reader_refuse(reader, from, "there is nothing to repeat here");
        reader->at++;
        reader_forgive(reader, from, "this bracket stands alone: write a backslash before it");
        return one_code_point(reader, (unsigned char)byte);
    }
    return one_code_point(reader, reader_take_code_point(reader));
}

static struct pattern_node *read_atom(struct reader *reader)
{
    size_t from = reader->at;

    if (reader_take(reader, "^"))
        return new_node(reader, FORM_START);
    if (reader_take(reader, "$"))
        return new_node(reader, FORM_END);
    if (reader_take(reader, "."))
        return read_dot(reader);
    if (reader_take(reader, "["))
        return read_class(reader, from);
    if (reader_take(reader, "("))
        return read_group(reader, from);
    if (reader_take(reader, "\\"))
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
        reader_forgive(reader, from, "a look-ahead cannot be repeated");
    else if (atom->form == FORM_BEHIND || atom->form == FORM_START || atom->form == FORM_END ||
             atom->form == FORM_BOUNDARY)
        reader_refuse(reader, from, "there is nothing to repeat here");
    add_child(repeat, atom);
    return repeat;
}

static struct pattern_node *read_sequence(struct reader *reader)
{
    struct pattern_node *sequence = new_node(reader, FORM_SEQUENCE);

    while (!reader_at_end(reader) && reader_peek(reader, 0) != '|' && reader_peek(reader, 0) != ')')
        add_child(sequence, read_term(reader));
    return sequence;
}

static struct pattern_node *read_choice(struct reader *reader)
{
    struct pattern_node *choice = new_node(reader, FORM_CHOICE);

    add_child(choice, read_sequence(reader));
    while (reader_take(reader, "|"))
        add_child(choice, read_sequence(reader));
    return choice;
}

/* Groups may be referred to before they are opened, so they are counted and named first. A class
 * hides parentheses. */
static void find_groups(struct reader *reader)
{
    bool in_class = false;

    for (; !reader_at_end(reader) && !reader->failed; reader->at++) {
        char byte = reader_peek(reader, 0);
        bool named;

        if (byte == '\\')
            reader->at++;
        else if (byte == '[')
            in_class = true;
        else if (byte == ']')
            in_class = false;
        if (byte != '(' || in_class)
            continue;
        named = reader_peek(reader, 1) == '?' && reader_peek(reader, 2) == '<' &&
                reader_peek(reader, 3) != '=' && reader_peek(reader, 3) != '!';
        if (reader_peek(reader, 1) != '?' || named) {
            struct text name = {0};
            size_t from = reader->at;

            if (named) {
                reader->at += 3;
                name = reader_take_name(reader, from);
                if (!reader->failed && group_named(reader, name) != 0)
                    reader_refuse(reader, from, "another group has this name");
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
        reader_refuse(&reader, 0, "the pattern has more than 8192 bytes");
        return NULL;
    }
    reader.names = ARENA_ARRAY(arena, struct text, source.len);
    find_groups(&reader);
    reader.at = reader.failed ? source.len : 0;
    tree = read_choice(&reader);
    if (!reader_at_end(&reader))
        reader_refuse(&reader, reader.at, "there is a ')' without '('");
    return reader.failed ? NULL : tree;
}
