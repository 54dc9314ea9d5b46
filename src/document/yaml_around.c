/* What can be said without libyaml: how large the file is, whether it is UTF-8, what directives
 * stand before its document, and whether anything follows it. libyaml compares every %TAG with all
 * before it, so it is not let near more than one document or any directive that matters. */
#include "document/place.h"
#include "document/utf8.h"
#include "document/yaml_internal.h"

void yaml_refuse(struct yaml_loader *l, struct range range, const char *what, const char *hint)
{
    struct diagnostic *diagnostic =
        diagnose_file(l->diagnostics, l->file, l->source, range, DIAGNOSTIC_E0005, "%s", what);

    diagnostic_hint(l->diagnostics, diagnostic, "%s", hint);
}

/* Where the first line from `byte` on that is neither blank nor a comment has its first character
 * that is not blank; the end of the source when there is none. */
static size_t next_content(struct text source, size_t byte)
{
    while (byte < source.len) {
        if (source.at[byte] == '#')
            byte += text_find_byte(text_after(source, byte), '\n');
        else if (yaml_is_blank(source.at[byte]))
            byte++;
        else
            break;
    }
    return byte;
}

static struct range line_range(struct text source, size_t byte)
{
    struct text rest = text_after(source, byte);

    rest = text_first(rest, text_find_byte(rest, '\n'));
    rest = text_first(rest, text_find_byte(rest, '\r'));
    return range_of_bytes(source, byte, byte + rest.len);
}

/* Directives stand before the document. Only the version is accepted, as it changes nothing. */
static bool directives_accepted(struct yaml_loader *l)
{
    size_t byte = next_content(l->source, l->start.position.byte);

    while (byte < l->source.len && l->source.at[byte] == '%') {
        struct text rest = text_after(l->source, byte);

        if (!text_starts(rest, TEXT("%YAML "))) {
            yaml_refuse(l, line_range(l->source, byte), "a directive is not accepted here",
                        "remove the line; only %YAML 1.2 may stand before the document");
            return false;
        }
        byte = next_content(l->source, byte + text_find_byte(rest, '\n'));
    }
    return true;
}

bool yaml_nothing_follows(struct yaml_loader *l)
{
    size_t byte = next_content(l->source, l->end_byte);
    struct text rest = text_after(l->source, byte);

    while (text_starts(rest, TEXT("..."))) {
        byte = next_content(l->source, byte + 3);
        rest = text_after(l->source, byte);
    }
    if (rest.len == 0)
        return true;
    if (text_starts(rest, TEXT("---")) || rest.at[0] == '%') {
        yaml_refuse(l, line_range(l->source, byte), "a second document is not accepted here",
                    "put it into a file of its own");
    } else {
        struct diagnostic *diagnostic =
            diagnose_file(l->diagnostics, l->file, l->source, line_range(l->source, byte),
                          DIAGNOSTIC_E0001, "expected the end of the file");

        diagnostic_hint(l->diagnostics, diagnostic,
                        "this is not part of what stands before it; check the indentation");
    }
    return false;
}

bool yaml_acceptable(struct yaml_loader *l)
{
    size_t valid = utf8_valid(l->source);
    struct diagnostic *diagnostic;

    if (l->source.len > YAML_FILE_BYTES) {
        diagnose_file(l->diagnostics, l->file, (struct text){0}, (struct range){0},
                      DIAGNOSTIC_E0003, "the file has %zu bytes, the most is %d", l->source.len,
                      YAML_FILE_BYTES);
        return false;
    }
    if (valid < l->source.len) {
        diagnostic = diagnose_file(l->diagnostics, l->file, l->source,
                                   range_of_bytes(l->source, valid, valid + 1), DIAGNOSTIC_E0006,
                                   "byte 0x%02X is not UTF-8", (unsigned char)l->source.at[valid]);
        diagnostic_hint(l->diagnostics, diagnostic, "save the file as UTF-8");
        return false;
    }
    return directives_accepted(l);
}
