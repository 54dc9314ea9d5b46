#include "auth/tags.h"

#include "base/buffer.h"
#include "document/utf8.h"

/* What is being read, and where a complaint about it goes. */
struct tags_reader {
    struct text rest;
    const char *at;
    struct arena *arena;
    struct error *err;
};

bool tag_name_valid(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_' || c == '.'))
            return false;
    }
    return name.len > 0 && name.len <= TAG_NAME_BYTES_MAX;
}

static bool refuse(struct tags_reader *reader, struct text name, const char *what)
{
    error_set(reader->err, ERROR_INVALID_REQUEST, reader->at, "the tag '%.*s' %s",
              TEXT_ARG(text_cut(name, TAG_NAME_BYTES_MAX)), what);
    error_hint(reader->err, "tags are written as team=search, customer=\"Smith, Jones\"");
    return false;
}

static bool refuse_name(struct tags_reader *reader, struct text name)
{
    error_set(reader->err, ERROR_INVALID_REQUEST, reader->at,
              "'%.*s' is no name of a tag; expected 1 to 64 letters, digits, '-', '_' or '.'",
              TEXT_ARG(text_cut(name, TAG_NAME_BYTES_MAX)));
    error_hint(reader->err, "tags are written as team=search, customer=\"Smith, Jones\"");
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* --- values
 * ------------------------------------------------------------------------------------- */

/* A quoted string, its first quote taken: RFC 9110, section 5.6.4. */
static bool read_quoted(struct tags_reader *reader, struct text name, struct text *out)
{
    struct buffer value = buffer_in(reader->arena);
    struct text *rest = &reader->rest;
    size_t i = 0;

    for (; i < rest->len && rest->at[i] != '"'; i++) {
        if (rest->at[i] == '\\' && ++i == rest->len)
            break;
        buffer_put_byte(&value, rest->at[i]);
    }
    if (i >= rest->len)
        return refuse(reader, name, "has a value whose closing quote is missing");
    *rest = text_after(*rest, i + 1);
    *out = buffer_text(&value);
    if (text_trim(text_split(rest, ',')).len > 0)
        return refuse(reader, name, "has something behind the closing quote of its value");
    return true;
}

static bool read_bare(struct tags_reader *reader, struct text name, struct text *out)
{
    *out = text_trim(text_split(&reader->rest, ','));
    if (text_find_byte(*out, '"') < out->len)
        return refuse(reader, name, "has a quote in a value that does not begin with one");
    *out = arena_copy(reader->arena, *out);
    return true;
}

static bool check_value(struct tags_reader *reader, const struct token_tag *tag)
{
    if (tag->value.len == 0)
        return refuse(reader, tag->name, "has no value");
    if (tag->value.len > TAG_VALUE_BYTES_MAX)
        return refuse(reader, tag->name, "has a value of more than 128 bytes");
    for (size_t i = 0; i < tag->value.len; i++)
        if ((unsigned char)tag->value.at[i] < ' ' || tag->value.at[i] == 0x7F)
            return refuse(reader, tag->name, "has a control character in its value");
    return true;
}

static bool read_value(struct tags_reader *reader, struct token_tag *tag)
{
    while (reader->rest.len > 0 && is_space(*reader->rest.at))
        reader->rest = text_after(reader->rest, 1);
    if (reader->rest.len > 0 && *reader->rest.at == '"') {
        reader->rest = text_after(reader->rest, 1);
        if (!read_quoted(reader, tag->name, &tag->value))
            return false;
    } else if (!read_bare(reader, tag->name, &tag->value)) {
        return false;
    }
    return check_value(reader, tag);
}

/* --- the list
 * ----------------------------------------------------------------------------------- */

static bool add(struct tags_reader *reader, const struct token_tag *tag, struct tags *tags)
{
    for (size_t i = 0; i < tags->count; i++)
        if (text_equal(tags->items[i].name, tag->name))
            return refuse(reader, tag->name, "is given twice");
    if (tags->count == TOKEN_TAGS_MAX)
        return error_set(reader->err, ERROR_INVALID_REQUEST, reader->at,
                         "there are more than %d tags", TOKEN_TAGS_MAX);
    if (tags->items == NULL)
        tags->items = ARENA_ARRAY(reader->arena, struct token_tag, TOKEN_TAGS_MAX);
    tags->items[tags->count++] = *tag;
    return true;
}

/* Up to its '=', or up to what shows that it has none. */
static bool read_name(struct tags_reader *reader, struct text *out)
{
    struct text rest = reader->rest;
    size_t end = text_find_byte(rest, '='), comma = text_find_byte(rest, ',');
    struct text name = text_trim(text_first(rest, end < comma ? end : comma));

    if (!tag_name_valid(name))
        return refuse_name(reader, name);
    if (end >= comma)
        return refuse(reader, name, "has no value");
    reader->rest = text_after(rest, end + 1);
    *out = arena_copy(reader->arena, name);
    return true;
}

bool tags_read(struct text list, const char *at, struct arena *arena, struct tags *tags,
               struct error *err)
{
    struct tags_reader reader = {.rest = text_trim(list), .at = at, .arena = arena, .err = err};

    if (utf8_valid(list) != list.len)
        return error_set(err, ERROR_INVALID_REQUEST, at, "the tags are not UTF-8");
    while (reader.rest.len > 0) {
        struct token_tag tag;

        if (is_space(*reader.rest.at) || *reader.rest.at == ',') { /* empty elements say nothing */
            reader.rest = text_after(reader.rest, 1);
            continue;
        }
        if (!read_name(&reader, &tag.name) || !read_value(&reader, &tag) ||
            !add(&reader, &tag, tags))
            return false;
    }
    return true;
}
