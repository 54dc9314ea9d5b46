/* endpoints/partials/: texts that prompts of several endpoints put in. All are read before any
 * endpoint, used or not, so that a broken one is known before an endpoint needs it. */
#include "config/load.h"
#include "document/place.h"
#include "document/utf8.h"
#include "render/template_read.h"

#define FOLDER "endpoints/partials"
#define SUFFIX ".mustache"

/* A byte order mark is no part of the text. */
static const struct document *text_document(struct load *load, struct text path, struct text bytes)
{
    bool marked = text_starts(bytes, TEXT("\xEF\xBB\xBF"));
    struct document *document =
        document_of_text(marked ? text_after(bytes, 3) : bytes, path, load->arena);

    document->source = bytes;
    return document;
}

static bool name_fits(struct load *load, struct text path, struct text name)
{
    struct diagnostic *it;
    size_t good = 0;

    while (good < name.len && template_name_byte(name.at[good]))
        good++;
    if (good == name.len)
        return true;
    it = diagnose_file(load->diagnostics, path, (struct text){0}, (struct range){0},
                       DIAGNOSTIC_E0602, "the file's name cannot be written in a template");
    diagnostic_hint(load->diagnostics, it,
                    "a partial's name is made of letters, digits, '_' and '-': rename the file");
    return false;
}

static bool is_utf8(struct load *load, struct text path, struct text bytes)
{
    size_t valid = utf8_valid(bytes);
    struct diagnostic *it;

    if (valid == bytes.len)
        return true;
    it =
        diagnose_file(load->diagnostics, path, bytes, range_of_bytes(bytes, valid, valid + 1),
                      DIAGNOSTIC_E0006, "byte 0x%02X is not UTF-8", (unsigned char)bytes.at[valid]);
    diagnostic_hint(load->diagnostics, it, "save the file as UTF-8");
    return false;
}

/* One that cannot be used stays known as refused: whoever names it is not told that it is missing.
 */
static void read_partial(struct load *load, struct text path, struct partial *out)
{
    struct text name = text_after(path, strlen(FOLDER "/")), bytes;

    name.len -= strlen(SUFFIX);
    *out = (struct partial){.name = name, .refused = true};
    if (!load_bytes(load, path, NULL, 0, &bytes) || !is_utf8(load, path, bytes))
        return;
    partial_read(name, text_document(load, path, bytes), load->arena, load->diagnostics, out);
}

void load_partials(struct load *load)
{
    const struct text *paths;
    size_t count;
    bool missing;
    struct partials *partials = &load->partials;

    load_listing(load, FOLDER, SUFFIX, ".txt", &paths, &count, &missing);
    if (count > PARTIALS_MAX) {
        diagnose_file(load->diagnostics, TEXT(FOLDER), (struct text){0}, (struct range){0},
                      DIAGNOSTIC_E0003, "the folder has more than %d partials", PARTIALS_MAX);
        count = PARTIALS_MAX;
    }
    partials->items = ARENA_ARRAY(load->arena, struct partial, count);
    for (size_t i = 0; i < count; i++) {
        struct text name = text_after(paths[i], strlen(FOLDER "/"));

        if (name_fits(load, paths[i], text_first(name, name.len - strlen(SUFFIX))))
            read_partial(load, paths[i], &partials->items[partials->count++]);
    }
    partials_link(partials, load->arena);
}

void load_unused_partials(struct load *load)
{
    if (load->diagnostics->error_count > 0)
        return; /* who would use it may be what is wrong */
    for (size_t i = 0; i < load->partials.count; i++) {
        const struct partial *partial = &load->partials.items[i];
        struct diagnostic *it;

        if (partial->used)
            continue;
        it = diagnose(load->diagnostics, partial->origin.document, 0, DIAGNOSTIC_W0301,
                      "no endpoint uses the partial '%.*s'", TEXT_ARG(partial->name));
        diagnostic_hint(load->diagnostics, it, "write {{>%.*s}} where it is needed, or remove it",
                        TEXT_ARG(partial->name));
    }
}
