/* libyaml's events become cells as they come; nothing is built twice and nothing recurses. libyaml
 * itself has no limits, so they are kept here: the size before it starts, and the nesting by taking
 * no further event once it is exceeded (its scanner looks at most 1,024 characters ahead, so it
 * never gets to the depths where it turns quadratic). What stands around the document is judged in
 * yaml_around.c. A mark counts characters; bytes, lines and columns are counted along the source.
 */
#include "document/yaml_read.h"

#include "document/names.h"
#include "document/place.h"
#include "document/yaml_internal.h"

static const struct text byte_order_mark = TEXT_INIT("\xEF\xBB\xBF");

/* What has been read so far, as a document whose open containers have no end yet. */
static struct document so_far(const struct yaml_loader *l)
{
    return (struct document){.cells = l->cells,
                             .count = l->count,
                             .source = l->source,
                             .file = l->file,
                             .marks = l->marks};
}

static size_t sequence_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

struct position yaml_place(struct yaml_loader *l, size_t index)
{
    struct yaml_cursor *at = &l->cursor;

    if (index < at->index)
        *at = index >= l->line.index ? l->line : l->start;
    while (at->index < index && at->position.byte < l->source.len) {
        size_t byte = at->position.byte;

        position_advance(&at->position, l->source,
                         byte + sequence_length((unsigned char)l->source.at[byte]));
        at->index++;
        if (at->position.column == 1)
            l->line = *at;
    }
    return at->position;
}

/* From one mark to another, without white space at the end: libyaml ends a block scalar where the
 * next thing begins. */
static struct range range_of(struct yaml_loader *l, yaml_mark_t from, yaml_mark_t to)
{
    struct range range = {.start = yaml_place(l, from.index)};
    size_t end = yaml_place(l, to.index).byte;

    while (end > range.start.byte && yaml_is_blank(l->source.at[end - 1]))
        end--;
    range.end = range.start;
    position_advance(&range.end, l->source, end);
    return range;
}

static uint32_t add_cell(struct yaml_loader *l, struct cell cell, struct range range)
{
    if (l->count == l->room) {
        uint32_t room = l->room ? l->room * 2 : 64;

        l->cells =
            arena_grow(l->arena, l->cells, l->room * sizeof *l->cells, room * sizeof *l->cells);
        l->marks =
            arena_grow(l->arena, l->marks, l->room * sizeof *l->marks, room * sizeof *l->marks);
        l->room = room;
    }
    l->cells[l->count] = cell;
    l->marks[l->count] = range;
    return l->count++;
}

static struct yaml_level *innermost(struct yaml_loader *l)
{
    return l->depth > 0 ? &l->levels[l->depth - 1] : NULL;
}

/* Counts one more child of the innermost container; returns whether it is a key. */
static bool take_place(struct yaml_loader *l)
{
    struct yaml_level *level = innermost(l);
    bool key;

    if (level == NULL)
        return false;
    key = l->cells[level->cell].type == CELL_OBJECT && !level->value_due;
    if (!key)
        l->cells[level->cell].size++;
    level->value_due = key;
    return key;
}

/* Tags and anchors change nothing about what is read here, so they are refused and passed over. */
static void refuse_properties(struct yaml_loader *l, const yaml_char_t *anchor,
                              const yaml_char_t *tag, struct range range)
{
    if (tag != NULL)
        yaml_refuse(l, range, "a tag is not accepted here",
                    "remove what starts with '!'; quote the value if the '!' belongs to it");
    if (anchor != NULL)
        yaml_refuse(l, range, "an anchor is not accepted here",
                    "remove what starts with '&'; quote the value if the '&' belongs to it");
}

static void take_scalar(struct yaml_loader *l, const yaml_event_t *event)
{
    struct range range = range_of(l, event->start_mark, event->end_mark);
    bool key = take_place(l);
    uint32_t at = add_cell(l, (struct cell){.type = CELL_STRING}, range);

    refuse_properties(l, event->data.scalar.anchor, event->data.scalar.tag, range);
    yaml_take_scalar(l, event, at, key);
    if (!key || !(l->cells[at].flags & CELL_PLAIN) ||
        !text_equal(cell_text(&l->cells[at]), TEXT("<<")))
        return;
    yaml_refuse(l, range, "a merge key is not accepted here",
                "write the keys out where they are needed; quote \"<<\" if it is a name");
    l->unusable = true;
}

static void take_alias(struct yaml_loader *l, const yaml_event_t *event)
{
    struct range range = range_of(l, event->start_mark, event->end_mark);
    bool key = take_place(l);

    add_cell(l, (struct cell){.type = key ? CELL_STRING : CELL_NULL, .text = ""}, range);
    yaml_refuse(l, range, "an alias is not accepted here",
                "write the value out; quote it if it starts with '*'");
    l->unusable = true;
}

static bool take_opening(struct yaml_loader *l, const yaml_event_t *event, enum cell_type type,
                         bool flow)
{
    struct range range = range_of(l, event->start_mark, event->end_mark);

    if (l->depth == YAML_DEPTH) {
        diagnose_file(l->diagnostics, l->file, l->source, range, DIAGNOSTIC_E0003,
                      "nested deeper than %d levels", YAML_DEPTH);
        return false;
    }
    if (take_place(l)) {
        yaml_refuse(l, range, "a key must be a name, not a list or a mapping",
                    "if this is a template variable, put the whole value in quotes: \"{{name}}\"");
        return false;
    }
    l->levels[l->depth++] = (struct yaml_level){
        .cell = add_cell(l, (struct cell){.type = (uint8_t)type, .end = CELL_NONE}, range),
        .flow = flow};
    return true;
}

static void report_duplicates(struct yaml_loader *l, uint32_t object)
{
    struct document document = so_far(l);
    struct arena scratch = {0};
    struct names names;

    names_init(&names, &scratch, l->cells[object].size);
    for (uint32_t key = object + 1; key < l->count; key = cells_next(l->cells, key + 1)) {
        uint32_t first = names_add(&names, l->cells, key);
        struct diagnostic *diagnostic;

        if (first == CELL_NONE)
            continue;
        diagnostic = diagnose(l->diagnostics, &document, key, DIAGNOSTIC_E0004,
                              "the key \"%.*s\" is written twice",
                              TEXT_ARG(text_cut(document_text(&document, key), 100)));
        diagnostic_hint(l->diagnostics, diagnostic, "the first one is on line %u",
                        (unsigned)l->marks[first].start.line);
    }
    arena_release(&scratch);
}

static void take_closing(struct yaml_loader *l, const yaml_event_t *event)
{
    struct yaml_level closed = l->levels[--l->depth];
    struct cell *cell = &l->cells[closed.cell];

    if (closed.flow)
        l->marks[closed.cell].end = yaml_place(l, event->end_mark.index);
    else if (l->count > closed.cell + 1)
        l->marks[closed.cell].end = l->last_end;
    cell->end = l->count;
    if (cell->type == CELL_OBJECT && cell->size > 1)
        report_duplicates(l, closed.cell);
    l->last_end = l->marks[closed.cell].end;
}

/* Takes one event; returns whether to go on. */
static bool take_event(struct yaml_loader *l, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        take_scalar(l, event);
        l->last_end = l->marks[l->count - 1].end;
        return true;
    case YAML_ALIAS_EVENT:
        take_alias(l, event);
        l->last_end = l->marks[l->count - 1].end;
        return true;
    case YAML_SEQUENCE_START_EVENT:
        if (!take_opening(l, event, CELL_ARRAY,
                          event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE))
            return false;
        refuse_properties(l, event->data.sequence_start.anchor, event->data.sequence_start.tag,
                          l->marks[l->count - 1]);
        return true;
    case YAML_MAPPING_START_EVENT:
        if (!take_opening(l, event, CELL_OBJECT,
                          event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE))
            return false;
        refuse_properties(l, event->data.mapping_start.anchor, event->data.mapping_start.tag,
                          l->marks[l->count - 1]);
        return true;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        take_closing(l, event);
        return true;
    case YAML_DOCUMENT_END_EVENT:
        l->end_byte = yaml_place(l, event->end_mark.index).byte;
        l->complete = true;
        return false;
    case YAML_STREAM_END_EVENT:
        l->complete = true;
        return false;
    default:
        return true;
    }
}

static void take_events(struct yaml_loader *l)
{
    bool going = true;

    while (going) {
        yaml_event_t event;

        if (!yaml_parser_parse(&l->parser, &event)) {
            yaml_report_problem(l);
            return;
        }
        going = take_event(l, &event);
        yaml_event_delete(&event);
    }
}

/* Nothing at all, or nothing but comments, is an object without members. */
static void make_empty(struct yaml_loader *l)
{
    if (l->count == 0)
        add_cell(l, (struct cell){0}, (struct range){l->start.position, l->start.position});
    l->cells[0] = (struct cell){.type = CELL_OBJECT, .end = 1};
}

static bool parse(struct yaml_loader *l)
{
    struct text text = text_after(l->source, l->start.position.byte);

    if (!yaml_parser_initialize(&l->parser))
        NEVER("no memory for a parser");
    yaml_parser_set_encoding(&l->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&l->parser, (const unsigned char *)(text.len ? text.at : ""),
                                 text.len);
    l->end_byte = l->source.len;
    take_events(l);
    yaml_parser_delete(&l->parser);
    if (!l->complete || !yaml_nothing_follows(l) || l->unusable)
        return false;
    if (l->count == 0 || (l->cells[0].type == CELL_NULL && l->cells[0].size == 0))
        make_empty(l);
    return true;
}

bool yaml_read(struct text source, struct text file, struct arena *arena, struct document *out,
               struct diagnostics *diagnostics)
{
    struct yaml_loader l = {
        .source = source, .file = file, .arena = arena, .diagnostics = diagnostics};

    l.start.position =
        (struct position){1, 1, text_starts(source, byte_order_mark) ? byte_order_mark.len : 0};
    l.cursor = l.line = l.start;
    *out = (struct document){0};
    if (!yaml_acceptable(&l) || !parse(&l))
        return false;
    *out = so_far(&l);
    return true;
}
