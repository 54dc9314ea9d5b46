/* A schema as types of Python: an object is a class of its own, named after where it stands, all
 * else an annotation. Intersections do not exist there: of several schemas that hold together the
 * one that is told is the first that says something. */
#include "catalog/client_parts.h"
#include "document/json_write.h"

struct typing {
    const struct contract *contract;
    const struct document *document;
    struct arena *arena;
    struct buffer *out;
    struct text *names; /* that classes have */
    size_t name_count, name_room;
};

static struct text type_of(struct typing *t, uint32_t at, struct text hint);

static uint32_t member(const struct typing *t, uint32_t at, const char *name)
{
    return document_member(t->document, at, text_of(name));
}

static struct text line_of(struct typing *t, uint32_t at)
{
    uint32_t about = member(t, at, "description");

    return about == CELL_NONE ? (struct text){0}
                              : contract_line(document_text(t->document, about), t->arena);
}

/* --- names --- */

static bool is_taken(const struct typing *t, struct text name)
{
    for (size_t i = 0; i < t->name_count; i++)
        if (text_equal(t->names[i], name))
            return true;
    return false;
}

static struct text take_name(struct typing *t, struct text hint)
{
    struct text name = text_first(hint, 200);

    for (unsigned number = 2; is_taken(t, name); number++)
        name = arena_printf(t->arena, "%.*s%u", TEXT_ARG(text_first(hint, 200)), number);
    if (t->name_count == t->name_room) {
        size_t room = t->name_room > 0 ? t->name_room * 2 : 16;

        t->names = arena_grow(t->arena, t->names, t->name_room * sizeof *t->names,
                              room * sizeof *t->names);
        t->name_room = room;
    }
    t->names[t->name_count++] = name;
    return name;
}

/* Input and unit_price -> InputUnitPrice */
static struct text inner_hint(struct typing *t, struct text outer, struct text name)
{
    struct buffer out = buffer_in(t->arena);
    bool begins = true;

    buffer_put(&out, outer);
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool small = byte >= 'a' && byte <= 'z';
        bool good = small || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');

        if (good)
            buffer_put_byte(&out, begins && small ? (char)(byte - 'a' + 'A') : byte);
        begins = !good;
    }
    return buffer_text(&out);
}

static bool is_keyword(struct text name)
{
    static const struct text words[] = {
        TEXT_INIT("False"),   TEXT_INIT("None"),     TEXT_INIT("True"),     TEXT_INIT("and"),
        TEXT_INIT("as"),      TEXT_INIT("assert"),   TEXT_INIT("async"),    TEXT_INIT("await"),
        TEXT_INIT("break"),   TEXT_INIT("class"),    TEXT_INIT("continue"), TEXT_INIT("def"),
        TEXT_INIT("del"),     TEXT_INIT("elif"),     TEXT_INIT("else"),     TEXT_INIT("except"),
        TEXT_INIT("finally"), TEXT_INIT("for"),      TEXT_INIT("from"),     TEXT_INIT("global"),
        TEXT_INIT("if"),      TEXT_INIT("import"),   TEXT_INIT("in"),       TEXT_INIT("is"),
        TEXT_INIT("lambda"),  TEXT_INIT("nonlocal"), TEXT_INIT("not"),      TEXT_INIT("or"),
        TEXT_INIT("pass"),    TEXT_INIT("raise"),    TEXT_INIT("return"),   TEXT_INIT("try"),
        TEXT_INIT("while"),   TEXT_INIT("with"),     TEXT_INIT("yield"),
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(words[i], name))
            return true;
    return false;
}

/* Whether it can name a member of a class as it is; what begins with "__" is renamed in one. */
static bool is_plain_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';

        if (!letter && (i == 0 || byte < '0' || byte > '9'))
            return false;
    }
    return name.len > 0 && !text_starts(name, TEXT("__")) && !is_keyword(name);
}

/* --- objects --- */

static bool is_required(const struct typing *t, uint32_t at, struct text name)
{
    uint32_t list = member(t, at, "required");

    if (list == CELL_NONE)
        return false;
    for (uint32_t i = list + 1; i < document_next(t->document, list); i++)
        if (text_equal(document_text(t->document, i), name))
            return true;
    return false;
}

static struct text field_type(struct typing *t, uint32_t at, uint32_t key, struct text class)
{
    struct text name = document_text(t->document, key);
    struct text type = type_of(t, key + 1, inner_hint(t, class, name));

    return is_required(t, at, name) ? arena_printf(t->arena, "Required[%.*s]", TEXT_ARG(type))
                                    : type;
}

static bool all_plain(const struct typing *t, uint32_t properties)
{
    for (uint32_t key = properties + 1; key < document_next(t->document, properties);
         key = document_next(t->document, key + 1))
        if (!is_plain_name(document_text(t->document, key)))
            return false;
    return true;
}

static void put_field(struct text name, struct text type, struct text about, bool plain,
                      struct buffer *out)
{
    if (about.len > 0)
        buffer_printf(out, "    # %.*s\n", TEXT_ARG(about));
    buffer_put(out, TEXT("    "));
    if (plain) {
        buffer_printf(out, "%.*s: %.*s\n", TEXT_ARG(name), TEXT_ARG(type));
        return;
    }
    json_put_string(out, name);
    buffer_put(out, TEXT(": "));
    json_put_string(out, type);
    buffer_put(out, TEXT(",\n"));
}

/* The classes inside are written before it. */
static void put_class(struct typing *t, struct text class, uint32_t at, uint32_t properties)
{
    struct buffer fields = buffer_in(t->arena);
    bool plain = all_plain(t, properties);
    struct text about = line_of(t, at);

    for (uint32_t key = properties + 1; key < document_next(t->document, properties);
         key = document_next(t->document, key + 1))
        put_field(document_text(t->document, key), field_type(t, at, key, class),
                  line_of(t, key + 1), plain, &fields);
    if (about.len > 0)
        buffer_printf(t->out, "# %.*s\n", TEXT_ARG(about));
    buffer_printf(
        t->out, plain ? "class %.*s(TypedDict, total=False):\n" : "%.*s = TypedDict(\"%.*s\", {\n",
        TEXT_ARG(class), TEXT_ARG(class));
    buffer_put(t->out, buffer_text(&fields));
    buffer_put(t->out, plain ? TEXT("\n\n") : TEXT("}, total=False)\n\n\n"));
}

static struct text object_type(struct typing *t, uint32_t at, struct text hint, bool named)
{
    uint32_t properties = member(t, at, "properties");
    uint32_t rest = member(t, at, "additionalProperties");
    struct text value = TEXT("Any");

    if (properties != CELL_NONE && document_cell(t->document, properties)->size > 0) {
        struct text class = named ? hint : take_name(t, hint);

        put_class(t, class, at, properties);
        return class;
    }
    if (rest != CELL_NONE && document_cell(t->document, rest)->type == CELL_OBJECT)
        value = type_of(t, rest, inner_hint(t, hint, TEXT("value")));
    return arena_printf(t->arena, "Dict[str, %.*s]", TEXT_ARG(value));
}

/* --- other values --- */

static struct text union_of(struct typing *t, uint32_t list, struct text hint)
{
    struct buffer out = buffer_in(t->arena);

    buffer_put(&out, TEXT("Union["));
    for (uint32_t i = list + 1; i < document_next(t->document, list);
         i = document_next(t->document, i)) {
        if (i > list + 1)
            buffer_put(&out, TEXT(", "));
        buffer_put(&out, type_of(t, i, inner_hint(t, hint, TEXT("choice"))));
    }
    buffer_put_byte(&out, ']');
    return buffer_text(&out);
}

static struct text literal_of(struct typing *t, uint32_t at)
{
    const struct cell *cell = document_cell(t->document, at);
    struct buffer out = buffer_in(t->arena);

    switch (cell->type) {
    case CELL_NULL:
        return TEXT("None");
    case CELL_BOOLEAN:
        return cell->boolean ? TEXT("Literal[True]") : TEXT("Literal[False]");
    case CELL_STRING:
    case CELL_INTEGER:
        buffer_put(&out, TEXT("Literal["));
        json_put_cell(&out, t->document, at);
        buffer_put_byte(&out, ']');
        return buffer_text(&out);
    case CELL_NUMBER:
        return TEXT("float");
    default:
        return TEXT("Any");
    }
}

static struct text enum_of(struct typing *t, uint32_t list)
{
    struct buffer out = buffer_in(t->arena);

    if (document_cell(t->document, list)->size == 0)
        return TEXT("Any");
    buffer_put(&out, TEXT("Union["));
    for (uint32_t i = list + 1; i < document_next(t->document, list);
         i = document_next(t->document, i)) {
        if (i > list + 1)
            buffer_put(&out, TEXT(", "));
        buffer_put(&out, literal_of(t, i));
    }
    buffer_put_byte(&out, ']');
    return buffer_text(&out);
}

static struct text array_type(struct typing *t, uint32_t at, struct text hint)
{
    uint32_t items = member(t, at, "items");
    struct text item = TEXT("Any");

    if (items != CELL_NONE && member(t, at, "prefixItems") == CELL_NONE)
        item = type_of(t, items, inner_hint(t, hint, TEXT("item")));
    return arena_printf(t->arena, "List[%.*s]", TEXT_ARG(item));
}

static struct text named_type(struct typing *t, uint32_t at, struct text type, struct text hint,
                              bool named)
{
    if (text_equal(type, TEXT("object")))
        return object_type(t, at, hint, named);
    if (text_equal(type, TEXT("array")))
        return array_type(t, at, hint);
    return text_equal(type, TEXT("string"))    ? TEXT("str")
           : text_equal(type, TEXT("integer")) ? TEXT("int")
           : text_equal(type, TEXT("number"))  ? TEXT("float")
           : text_equal(type, TEXT("boolean")) ? TEXT("bool")
                                               : TEXT("None");
}

static struct text types_of(struct typing *t, uint32_t at, uint32_t types, struct text hint,
                            bool named)
{
    struct buffer out = buffer_in(t->arena);

    if (document_cell(t->document, types)->type == CELL_STRING)
        return named_type(t, at, document_text(t->document, types), hint, named);
    buffer_put(&out, TEXT("Union["));
    for (uint32_t i = types + 1; i < document_next(t->document, types); i++) {
        if (i > types + 1)
            buffer_put(&out, TEXT(", "));
        buffer_put(&out, named_type(t, at, document_text(t->document, i), hint, false));
    }
    buffer_put_byte(&out, ']');
    return buffer_text(&out);
}

/* --- schemas --- */

/* `named`: the name is the schema's own, not a hint. */
static struct text any_type(struct typing *t, uint32_t at, struct text hint, bool named)
{
    static const char *const unions[] = {"anyOf", "oneOf"};
    struct text name;
    uint32_t value;

    if (document_cell(t->document, at)->type == CELL_BOOLEAN)
        return TEXT("Any");
    if (contract_reference(t->contract, at, &name) != CELL_NONE)
        return name;
    if ((value = member(t, at, "const")) != CELL_NONE)
        return literal_of(t, value);
    if ((value = member(t, at, "enum")) != CELL_NONE)
        return enum_of(t, value);
    if ((value = member(t, at, "type")) != CELL_NONE)
        return types_of(t, at, value, hint, named);
    if (member(t, at, "properties") != CELL_NONE)
        return object_type(t, at, hint, named);
    if (member(t, at, "items") != CELL_NONE)
        return array_type(t, at, hint);
    for (size_t i = 0; i < 2; i++)
        if ((value = member(t, at, unions[i])) != CELL_NONE)
            return union_of(t, value, hint);
    if ((value = member(t, at, "allOf")) != CELL_NONE)
        return type_of(t, value + 1, hint);
    return TEXT("Any");
}

/* As deep as the schema, which the limits of authors bound. */
static struct text type_of(struct typing *t, uint32_t at, struct text hint)
{
    return any_type(t, at, hint, false);
}

static void declare(struct typing *t, struct text name, uint32_t at)
{
    struct text type;

    if (at == CELL_NONE)
        return;
    type = any_type(t, at, name, true);
    if (text_equal(type, name))
        return; /* its class has been written */
    buffer_printf(t->out, "%.*s: TypeAlias = ", TEXT_ARG(name));
    json_put_string(t->out, type);
    buffer_put(t->out, TEXT("\n\n\n"));
}

void client_put_types_python(const struct contract *contract, struct arena *arena,
                             struct buffer *out)
{
    struct typing t = {
        .contract = contract, .document = &contract->document, .arena = arena, .out = out};
    uint32_t end = document_next(t.document, contract->definitions);

    /* What has a name of its own has it first. */
    take_name(&t, TEXT("Input"));
    take_name(&t, TEXT("Output"));
    for (uint32_t key = contract->definitions + 1; key < end;
         key = document_next(t.document, key + 1))
        take_name(&t, document_text(t.document, key));
    declare(&t, TEXT("Input"), contract->input);
    declare(&t, TEXT("Output"), contract->output);
    for (uint32_t key = contract->definitions + 1; key < end;
         key = document_next(t.document, key + 1))
        declare(&t, document_text(t.document, key), key + 1);
}
