/* Files come in here and nowhere else: each is read once, counted into the digest of everything
 * read, and what keeps it from being read is said where its name was written. */
#include "config/load.h"

#include "base/check.h"
#include "config/value.h"
#include "document/utf8.h"
#include "document/yaml_read.h"

#include <stdlib.h>

void load_digest(struct load *load, struct text what, struct text bytes)
{
    uint64_t sizes[2] = {what.len, bytes.len};

    CHECK(EVP_DigestUpdate(load->digest, sizes, sizeof sizes) == 1);
    CHECK(EVP_DigestUpdate(load->digest, what.at, what.len) == 1);
    CHECK(EVP_DigestUpdate(load->digest, bytes.at, bytes.len) == 1);
}

struct text load_sha256(struct arena *arena, struct text bytes)
{
    unsigned char digest[32];
    char *out = arena_bytes(arena, 2 * sizeof digest);
    unsigned len = 0;

    CHECK(EVP_Digest(bytes.at, bytes.len, digest, &len, EVP_sha256(), NULL) == 1 &&
          len == sizeof digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    return (struct text){out, 2 * sizeof digest};
}

/* About the place where a file was named, or about the file itself. */
static struct diagnostic *about(struct load *load, struct text path,
                                const struct document *document, uint32_t cell,
                                enum diagnostic_code code, struct text message)
{
    if (document != NULL)
        return diagnose(load->diagnostics, document, cell, code, "%.*s", TEXT_ARG(message));
    return diagnose_file(load->diagnostics, path, (struct text){0}, (struct range){0}, code, "%.*s",
                         TEXT_ARG(message));
}

/* What the folder of a missing file does contain, for "did you mean". */
static struct text nearest_path(struct load *load, struct text path)
{
    const struct text *names;
    struct text near, folder = path;
    size_t count;
    const char *why;

    while (folder.len > 0 && folder.at[folder.len - 1] != '/')
        folder.len--;
    if (load->folder->list(load->folder, text_first(folder, folder.len ? folder.len - 1 : 0),
                           load->arena, &names, &count, &why) != FOLDER_OK)
        return (struct text){0};
    near = nearest_name(text_after(path, folder.len), names, count);
    if (near.len == 0)
        return near;
    return arena_printf(load->diagnostics->arena, "%.*s%.*s", TEXT_ARG(folder), TEXT_ARG(near));
}

static bool missing(struct load *load, struct text path, const struct document *document,
                    uint32_t cell)
{
    struct arena *arena = load->diagnostics->arena;
    struct text shown = value_shown(arena, path), near = nearest_path(load, path);
    struct diagnostic *it =
        about(load, path, document, cell, DIAGNOSTIC_E0602,
              arena_printf(arena, "there is no file \"%.*s\"", TEXT_ARG(shown)));

    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(load->diagnostics, it,
                        "create it, or correct the path, which starts at the configuration "
                        "folder");
    return false;
}

static bool irregular(struct load *load, struct text path, const struct document *document,
                      uint32_t cell)
{
    struct arena *arena = load->diagnostics->arena;
    struct text shown = value_shown(arena, path);
    const struct text *names;
    const char *why;
    size_t count;
    bool folder =
        load->folder->list(load->folder, path, load->arena, &names, &count, &why) == FOLDER_OK;
    struct diagnostic *it =
        about(load, path, document, cell, DIAGNOSTIC_E0602,
              arena_printf(arena, "\"%.*s\" is %s", TEXT_ARG(shown),
                           folder ? "a folder, where a file belongs" : "not a regular file"));

    diagnostic_hint(load->diagnostics, it, "%s",
                    !folder            ? "put a file in its place, or remove it"
                    : document != NULL ? "name a file in it"
                                       : "put a file of that name in its place; a folder that is "
                                         "to stay needs a name without such an ending");
    return false;
}

static bool unreadable(struct load *load, struct text path, const struct document *document,
                       uint32_t cell, enum folder_status status, const char *why)
{
    struct arena *arena = load->diagnostics->arena;
    struct text shown = value_shown(arena, path);
    struct diagnostic *it;

    switch (status) {
    case FOLDER_OK:
        NEVER("a file that was read");
    case FOLDER_MISSING:
        return missing(load, path, document, cell);
    case FOLDER_OUTSIDE:
        it =
            about(load, path, document, cell, DIAGNOSTIC_E0603,
                  arena_printf(arena, "\"%.*s\" is a symbolic link out of the configuration folder",
                               TEXT_ARG(shown)));
        diagnostic_hint(load->diagnostics, it,
                        "put a copy of the file that it leads to in its place");
        return false;
    case FOLDER_IRREGULAR:
        return irregular(load, path, document, cell);
    case FOLDER_LARGE:
        it = about(load, path, document, cell, DIAGNOSTIC_E0003,
                   arena_printf(arena, "\"%.*s\" is larger than 1 MiB", TEXT_ARG(shown)));
        diagnostic_hint(load->diagnostics, it, "no file of a configuration may be larger");
        return false;
    case FOLDER_CLOSED:
        it = about(load, path, document, cell, DIAGNOSTIC_E0603,
                   arena_printf(arena, "\"%.*s\" is none of the files that a draft may name",
                                TEXT_ARG(shown)));
        diagnostic_hint(load->diagnostics, it,
                        "put it below endpoints/, routing/ or schemas/, as what else lies in the "
                        "folder may be anything");
        return false;
    case FOLDER_FAILED:
        it = about(load, path, document, cell, DIAGNOSTIC_E0602,
                   arena_printf(arena, "\"%.*s\" cannot be read: %s", TEXT_ARG(shown), why));
        diagnostic_hint(load->diagnostics, it,
                        "the user that pinion runs as must be able to read it");
        return false;
    }
    NEVER("a status that is none");
}

bool load_bytes(struct load *load, struct text path, const struct document *document, uint32_t cell,
                struct text *out_bytes)
{
    const char *why = "";
    enum folder_status status =
        load->folder->read(load->folder, path, load->arena, out_bytes, &why);

    if (status != FOLDER_OK)
        return unreadable(load, path, document, cell, status, why);
    load_digest(load, path, *out_bytes);
    return true;
}

static bool is_inside(struct text source, const char *at)
{
    return at >= source.at && at <= source.at + source.len;
}

/* A copy without the room that the reader left to grow: with ten thousand files it is most of what
 * they would take. Strings that are not bytes of the source are copied with it. */
static void keep_document(struct load *load, const struct document *read, struct document *out)
{
    struct cell *cells = ARENA_ARRAY(load->arena, struct cell, read->count);
    struct range *marks = ARENA_ARRAY(load->arena, struct range, read->count);

    memcpy(cells, read->cells, read->count * sizeof *cells);
    memcpy(marks, read->marks, read->count * sizeof *marks);
    for (uint32_t at = 0; at < read->count; at++) {
        bool text = cells[at].type == CELL_STRING || cells[at].type == CELL_NUMBER;

        if (text && !is_inside(read->source, cells[at].text))
            cells[at].text = arena_copy(load->arena, cell_text(&cells[at])).at;
    }
    *out = *read;
    out->cells = cells;
    out->marks = marks;
}

static bool read_and_keep(struct load *load, struct text path, struct text bytes,
                          struct document *out)
{
    struct arena scratch = {0};
    struct document read;
    bool usable = yaml_read(bytes, path, &scratch, &read, load->diagnostics);

    if (usable)
        keep_document(load, &read, out);
    arena_release(&scratch);
    return usable;
}

bool load_yaml(struct load *load, struct text path, struct text bytes, bool list_too,
               struct document *out)
{
    struct reading reading;
    struct diagnostic *it;
    struct text found;

    if (!read_and_keep(load, path, bytes, out))
        return false;
    if (document_cell(out, 0)->type == CELL_OBJECT ||
        (list_too && document_cell(out, 0)->type == CELL_ARRAY))
        return true;
    reading = load_reading(load, out);
    found = found_text(&reading, 0, false);
    it = diagnose(load->diagnostics, out, 0, DIAGNOSTIC_E0103,
                  "the file must hold a mapping of keys and values, found %.*s", TEXT_ARG(found));
    diagnostic_hint(load->diagnostics, it, "each line at the left margin is written 'key: value'");
    return false;
}

bool load_path(struct load *load, const struct document *document, uint32_t cell,
               struct text *out_path)
{
    struct text written = document_text(document, cell);
    struct text shown = value_shown(load->diagnostics->arena, written);
    struct diagnostic *it;

    switch (folder_path(written, load->arena, out_path)) {
    case FOLDER_PATH_GOOD:
        return true;
    case FOLDER_PATH_ABSOLUTE:
    case FOLDER_PATH_UP:
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0603,
                      "the path \"%.*s\" leaves the configuration folder", TEXT_ARG(shown));
        break;
    case FOLDER_PATH_MALFORMED:
    default:
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0106,
                      "\"%.*s\" is not a path to a file", TEXT_ARG(shown));
        break;
    }
    diagnostic_hint(load->diagnostics, it,
                    "write it from the configuration folder on, without '..': schemas/name.json");
    return false;
}

/* A name that could not be shown, written in YAML or sent in an answer is not one of ours. */
static bool name_usable(struct text name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < 0x20 || name.at[i] == 0x7F)
            return false;
    return utf8_valid(name) == name.len;
}

void load_misnamed(struct load *load, struct text path, const char *why, struct text right,
                   bool taken)
{
    struct diagnostic *it = diagnose_file(load->diagnostics, path, (struct text){0},
                                          (struct range){0}, DIAGNOSTIC_E0602, "%s", why);

    if (taken)
        diagnostic_hint(load->diagnostics, it,
                        "there is \"%.*s\" too: keep in that what is meant, and remove this file",
                        TEXT_ARG(right));
    else
        diagnostic_hint(load->diagnostics, it, "rename it to \"%.*s\"", TEXT_ARG(right));
}

/* The file names of a subfolder in their order, and how those end that belong into it. */
struct listing {
    const char *subfolder, *suffix, *wrong;
    const struct text *names;
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static bool is_listed(const struct listing *listing, struct text path)
{
    struct text name = text_after(path, strlen(listing->subfolder) + 1);

    return bsearch(&name, listing->names, listing->count, sizeof name, by_name) != NULL;
}

static bool name_fits(struct load *load, const struct listing *listing, struct text name)
{
    const char *wrong = listing->wrong, *suffix = listing->suffix;
    struct text path, right;

    if (wrong != NULL && text_ends(name, text_of(wrong)) && name_usable(name)) {
        path = arena_printf(load->arena, "%s/%.*s", listing->subfolder, TEXT_ARG(name));
        right = arena_printf(load->diagnostics->arena, "%.*s%s", (int)(path.len - strlen(wrong)),
                             path.at, suffix);
        load_misnamed(
            load, path,
            arena_printf(load->arena, "files here end in %s, not in %s", suffix, wrong).at, right,
            is_listed(listing, right));
        return false;
    }
    return text_ends(name, text_of(suffix)) && name.len > strlen(suffix);
}

void load_listing(struct load *load, const char *subfolder, const char *suffix, const char *wrong,
                  const struct text **out_paths, size_t *out_count, bool *out_missing)
{
    struct listing listing = {subfolder, suffix, wrong, NULL, 0};
    struct text *paths;
    size_t count = 0;
    const char *why = "";
    enum folder_status status = load->folder->list(load->folder, text_of(subfolder), load->arena,
                                                   &listing.names, &listing.count, &why);

    *out_missing = status == FOLDER_MISSING;
    *out_count = 0;
    *out_paths = NULL;
    if (status != FOLDER_OK) {
        if (status == FOLDER_LARGE)
            diagnose_file(load->diagnostics, text_of(subfolder), (struct text){0},
                          (struct range){0}, DIAGNOSTIC_E0003,
                          "the folder has more than %d entries", FOLDER_NAMES_MAX);
        else if (status != FOLDER_MISSING)
            unreadable(load, text_of(subfolder), NULL, 0, status, why);
        return;
    }
    paths = ARENA_ARRAY(load->arena, struct text, listing.count + 1);
    for (size_t i = 0; i < listing.count; i++) {
        struct text name = listing.names[i];

        if (!name_fits(load, &listing, name))
            continue;
        if (name_usable(name))
            paths[count++] = arena_printf(load->arena, "%s/%.*s", subfolder, TEXT_ARG(name));
        else
            diagnose_file(load->diagnostics, text_of(subfolder), (struct text){0},
                          (struct range){0}, DIAGNOSTIC_E0602,
                          "the folder has a file whose name is not plain UTF-8 text");
    }
    *out_paths = paths;
    *out_count = count;
}

static int by_path(const void *key, const void *item)
{
    return text_compare(*(const struct text *)key, ((const struct known_file *)item)->path);
}

void *known_file(const struct known_files *files, struct text path)
{
    const struct known_file *found = NULL;

    if (files->sorted > 0)
        found = bsearch(&path, files->items, files->sorted, sizeof *files->items, by_path);
    for (size_t i = files->sorted; found == NULL && i < files->count; i++)
        if (text_equal(files->items[i].path, path))
            found = &files->items[i];
    return found != NULL ? found->use : NULL;
}

void known_file_add(struct known_files *files, struct arena *arena, struct text path, void *use)
{
    if (files->count == files->room) {
        size_t wider = files->room ? files->room * 2 : 16;

        files->items = arena_grow(arena, files->items, files->room * sizeof *files->items,
                                  wider * sizeof *files->items);
        files->room = wider;
    }
    files->items[files->count++] = (struct known_file){path, use};
}
