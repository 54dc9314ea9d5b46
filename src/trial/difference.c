#include "trial/difference.h"

#include "document/json_write.h"

enum { SHOWN_BYTES = 80, LEAD_BYTES = 24 };

/* A place in both documents. */
struct place {
    const struct document *before, *after;
    uint32_t before_at, after_at;
};

static struct text compact(const struct document *document, uint32_t at, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (at == CELL_NONE)
        return TEXT("(nothing)");
    json_put_cell(&out, document, at);
    return buffer_text(&out);
}

/* The part from `from` on, marked where it is not the whole. */
static struct text window(struct text text, size_t from, struct arena *arena)
{
    struct text part;

    while (from > 0 && from < text.len && ((unsigned char)text.at[from] & 0xC0) == 0x80)
        from--;
    part = text_cut(text_after(text, from), SHOWN_BYTES);
    if (from == 0 && part.len == text.len)
        return text;
    return arena_printf(arena, "%s%.*s%s", from > 0 ? "..." : "", TEXT_ARG(part),
                        from + part.len < text.len ? "..." : "");
}

struct text difference_shown(const struct document *document, uint32_t at, struct arena *arena)
{
    return window(compact(document, at, arena), 0, arena);
}

static void show(const struct place *place, struct arena *arena, struct difference *out)
{
    struct text before = compact(place->before, place->before_at, arena);
    struct text after = compact(place->after, place->after_at, arena);
    size_t same = 0, from;

    while (same < before.len && same < after.len && before.at[same] == after.at[same])
        same++;
    from = same > SHOWN_BYTES / 2 ? same - LEAD_BYTES : 0;
    out->before = window(before, from < before.len ? from : 0, arena);
    out->after = window(after, from < after.len ? from : 0, arena);
}

/* The first member of either that the other has not, or has otherwise; false: there is none. */
static bool step_into_object(struct place *place, struct text *out_name)
{
    const struct document *before = place->before, *after = place->after;
    uint32_t end = document_next(before, place->before_at);

    for (uint32_t at = place->before_at + 1; at < end; at = document_next(before, at + 1)) {
        uint32_t other = document_member(after, place->after_at, document_text(before, at));

        *out_name = document_text(before, at);
        if (other != CELL_NONE && document_equal(before, at + 1, after, other))
            continue;
        place->before_at = at + 1;
        place->after_at = other;
        return true;
    }
    end = document_next(after, place->after_at);
    for (uint32_t at = place->after_at + 1; at < end; at = document_next(after, at + 1)) {
        *out_name = document_text(after, at);
        if (document_member(before, place->before_at, *out_name) != CELL_NONE)
            continue;
        place->before_at = CELL_NONE;
        place->after_at = at + 1;
        return true;
    }
    return false;
}

static bool step_into_array(struct place *place, struct text *out_name, struct arena *arena)
{
    uint32_t before_end = document_next(place->before, place->before_at);
    uint32_t after_end = document_next(place->after, place->after_at);
    uint32_t at = place->before_at + 1, other = place->after_at + 1, index = 0;

    while (at < before_end && other < after_end &&
           document_equal(place->before, at, place->after, other)) {
        at = document_next(place->before, at);
        other = document_next(place->after, other);
        index++;
    }
    if (at == before_end && other == after_end)
        return false;
    *out_name = arena_printf(arena, "%u", index);
    place->before_at = at < before_end ? at : CELL_NONE;
    place->after_at = other < after_end ? other : CELL_NONE;
    return true;
}

static bool step(struct place *place, struct text *out_name, struct arena *arena)
{
    enum cell_type type;

    if (place->before_at == CELL_NONE || place->after_at == CELL_NONE)
        return false;
    type = (enum cell_type)document_cell(place->before, place->before_at)->type;
    if (type != document_cell(place->after, place->after_at)->type)
        return false;
    return type == CELL_OBJECT  ? step_into_object(place, out_name)
           : type == CELL_ARRAY ? step_into_array(place, out_name, arena)
                                : false;
}

/* RFC 6901 section 3. */
static void put_segment(struct buffer *pointer, struct text name)
{
    buffer_put_byte(pointer, '/');
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '~' || name.at[i] == '/')
            buffer_put(pointer, name.at[i] == '~' ? TEXT("~0") : TEXT("~1"));
        else
            buffer_put_byte(pointer, name.at[i]);
    }
}

bool difference_find(const struct document *before, uint32_t before_at,
                     const struct document *after, uint32_t after_at, struct arena *arena,
                     struct difference *out)
{
    struct place place = {before, after, before_at, after_at};
    struct buffer pointer = buffer_in(arena);
    struct text name;

    if (document_equal(before, before_at, after, after_at))
        return false;
    while (step(&place, &name, arena))
        put_segment(&pointer, name);
    out->pointer = buffer_text(&pointer);
    show(&place, arena, out);
    return true;
}
