/* Lines at a terminal, of any bytes: one line, valid UTF-8, in which nothing moves a cursor. With
 * colours it says the same. */
#include "base/check.h"
#include "document/utf8.h"
#include "journal/console.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes the colours out of a line, where any are. */
static void strip(struct text line, struct buffer *out)
{
    while (line.len > 0) {
        if (*line.at == '\x1b')
            line = text_after(line, text_find_byte(line, 'm') + 1);
        else {
            buffer_put_byte(out, *line.at);
            line = text_after(line, 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text line = {(const char *)data, size};
    struct buffer plain = {0}, colored = {0}, stripped = {0};

    console_plain(line, &plain);
    console_colored(line, &colored);
    strip(buffer_text(&colored), &stripped);
    CHECK(text_equal(buffer_text(&plain), buffer_text(&stripped)));
    CHECK(utf8_valid(buffer_text(&plain)) == plain.len);
    for (size_t i = 0; i < plain.len; i++)
        CHECK((unsigned char)plain.at[i] >= ' ' && plain.at[i] != 0x7F);
    buffer_release(&plain);
    buffer_release(&colored);
    buffer_release(&stripped);
    return 0;
}
