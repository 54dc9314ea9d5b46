/* Tags, on any bytes: refused with a reason, or read into few that are short and told apart; and a
 * list written of what was read is read as the same. */
#include "auth/tags.h"
#include "base/buffer.h"
#include "base/check.h"
#include "document/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_all(const struct tags *tags, struct buffer *out)
{
    for (size_t i = 0; i < tags->count; i++) {
        buffer_put(out, tags->items[i].name);
        buffer_put(out, TEXT("=\""));
        for (size_t at = 0; at < tags->items[i].value.len; at++) {
            if (strchr("\"\\", tags->items[i].value.at[at]) != NULL)
                buffer_put_byte(out, '\\');
            buffer_put_byte(out, tags->items[i].value.at[at]);
        }
        buffer_put(out, TEXT("\","));
    }
}

static void check(const struct tags *tags)
{
    CHECK(tags->count <= TOKEN_TAGS_MAX);
    for (size_t i = 0; i < tags->count; i++) {
        struct text value = tags->items[i].value;

        CHECK(tag_name_valid(tags->items[i].name));
        CHECK(value.len > 0 && value.len <= TAG_VALUE_BYTES_MAX && utf8_valid(value) == value.len);
        for (size_t k = 0; k < i; k++)
            CHECK(!text_equal(tags->items[i].name, tags->items[k].name));
    }
}

/* Two lists, divided by the first line feed, are one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = {(const char *)data, size}, first = text_split(&rest, '\n');
    struct arena arena = {0};
    struct tags tags = {0}, again = {0};
    struct error err = {0};
    struct buffer list = buffer_in(&arena);
    bool good =
        tags_read(first, "at", &arena, &tags, &err) && tags_read(rest, "at", &arena, &tags, &err);

    CHECK(good == (err.code == ERROR_NONE) && good == (err.message[0] == '\0'));
    check(&tags);
    write_all(&tags, &list);
    CHECK(tags_read(buffer_text(&list), "at", &arena, &again, &err) && again.count == tags.count);
    for (size_t i = 0; i < tags.count; i++)
        CHECK(text_equal(tags.items[i].name, again.items[i].name) &&
              text_equal(tags.items[i].value, again.items[i].value));
    arena_release(&arena);
    return 0;
}
