/* The lines of the new test go to the end of the file, which is where its list ends, at the
 * indentation of the list's other items. What came of it is read again: the tests that were there
 * must be the same, and one more. */
#include "config/test_append.h"

#include "config/folder.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/yaml_read.h"
#include "document/yaml_write.h"

static bool refuse(struct text path, const char *why, struct error *err)
{
    error_set(err, ERROR_CONFIG_INVALID, NULL, "no test can be added to %.*s: %s", TEXT_ARG(path),
              why);
    error_hint(err, "add it by hand");
    return false;
}

/* The list itself, or that of the key `tests`; CELL_NONE: there is neither. */
static uint32_t list_of(const struct document *document)
{
    uint32_t cell = document_cell(document, 0)->type == CELL_ARRAY
                        ? 0
                        : document_member(document, 0, TEXT("tests"));

    return cell != CELL_NONE && document_cell(document, cell)->type == CELL_ARRAY ? cell
                                                                                  : CELL_NONE;
}

static bool read(struct text source, struct text path, struct arena *arena, struct document *out,
                 uint32_t *out_list)
{
    struct diagnostics diagnostics = {.arena = arena};

    if (!yaml_read(source, path, arena, out, &diagnostics) || diagnostics.error_count > 0)
        return false;
    *out_list = list_of(out);
    return *out_list != CELL_NONE;
}

/* How far the dash of the list's first item is from its line's beginning. */
static bool indent_of(struct text source, const struct document *document, uint32_t list,
                      size_t *out)
{
    size_t at = document_range(document, list + 1).start.byte, begin = at;

    while (begin > 0 && source.at[begin - 1] != '\n')
        begin--;
    *out = 0;
    while (begin + *out < at && source.at[begin + *out] == ' ')
        (*out)++;
    return begin + *out < at && source.at[begin + *out] == '-';
}

static struct text lines_of(const struct document *test, uint32_t at, struct arena *arena)
{
    struct buffer json = buffer_in(arena), out = buffer_in(arena);
    struct document list;

    buffer_put_byte(&json, '[');
    json_put_cell(&json, test, at);
    buffer_put_byte(&json, ']');
    if (json_read(buffer_text(&json), NULL, arena, &list, NULL, NULL))
        yaml_put(&out, &list, 0);
    return buffer_text(&out);
}

static struct text join(struct text source, size_t indent, struct text lines, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, source);
    if (source.len > 0 && source.at[source.len - 1] != '\n')
        buffer_put_byte(&out, '\n');
    while (lines.len > 0) {
        struct text line = text_split(&lines, '\n');

        for (size_t i = 0; i < indent && line.len > 0; i++)
            buffer_put_byte(&out, ' ');
        buffer_put(&out, line);
        buffer_put_byte(&out, '\n');
    }
    return buffer_text(&out);
}

static struct text as_json(const struct document *document, uint32_t at, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    json_put_cell(&out, document, at);
    return buffer_text(&out);
}

/* `after` is `before` with one item more, which is the test. */
static bool is_one_more(const struct document *before, uint32_t before_list,
                        const struct document *after, uint32_t after_list, struct text test,
                        struct arena *arena)
{
    uint32_t count = document_cell(before, before_list)->size;
    uint32_t old = before_list + 1, now = after_list + 1;

    if (document_cell(after, after_list)->size != count + 1)
        return false;
    for (; count > 0; count--) {
        if (!text_equal(as_json(before, old, arena), as_json(after, now, arena)))
            return false;
        old = document_next(before, old);
        now = document_next(after, now);
    }
    return text_equal(as_json(after, now, arena), test);
}

bool test_append(struct text source, struct text path, const struct document *test, uint32_t at,
                 struct arena *arena, struct text *out, struct error *err)
{
    struct document before = {0}, after;
    uint32_t before_list, after_list;
    size_t indent;

    if (source.len == 0)
        source = TEXT("tests: []\n");
    if (!read(source, path, arena, &before, &before_list))
        return refuse(path, "it is no list of tests", err);
    if (document_cell(&before, before_list)->size == 0) {
        if (text_trim(text_after(source, document_range(&before, before_list).end.byte)).len > 0)
            return refuse(path, "something stands behind its empty list", err);
        source = text_first(source, document_range(&before, before_list).start.byte);
        source = text_trim(source).len > 0
                     ? arena_printf(arena, "%.*s\n", TEXT_ARG(text_trim(source)))
                     : (struct text){0};
        indent = source.len > 0 ? 2 : 0;
    } else if (!indent_of(source, &before, before_list, &indent)) {
        return refuse(path, "its list is written in brackets", err);
    }
    *out = join(source, indent, lines_of(test, at, arena), arena);
    if (out->len > FOLDER_FILE_BYTES)
        return refuse(path, "it would be larger than 1 MiB, which no file here may be", err);
    if (read(*out, path, arena, &after, &after_list) &&
        is_one_more(&before, before_list, &after, after_list, as_json(test, at, arena), arena))
        return true;
    return refuse(path, "what stands behind its last test would be part of the new one", err);
}
