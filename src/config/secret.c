/* `${env:NAME}`, `${NAME}`, `${file:/path}` and `${secret:NAME}` in strings of pinion.yaml. What
 * comes of it is in secret memory, which ends with the configuration; what it was made of is wiped
 * at once. It is never repeated: messages speak of the variable, the file or the name. */
#include "config/load.h"

#include "config/value.h"
#include "secret/memory.h"

enum { SECRET_BYTES = 64 * 1024 };

/* A value, piece by piece, in an arena that ends with the reading. */
struct piece {
    struct piece *next;
    struct text text;
};
struct pieces {
    struct arena arena;
    struct piece *first, **end;
    size_t bytes;
};

static void add_piece(struct pieces *pieces, struct text text)
{
    struct piece *piece = ARENA_NEW(&pieces->arena, struct piece);

    piece->text = text;
    *pieces->end = piece;
    pieces->end = &piece->next;
    pieces->bytes += text.len;
}

static struct text join(const struct pieces *pieces, struct arena *arena)
{
    char *out = secret_room(arena, pieces->bytes);
    size_t len = 0;

    for (const struct piece *piece = pieces->first; piece != NULL; piece = piece->next) {
        memcpy(out + len, piece->text.at, piece->text.len);
        len += piece->text.len;
    }
    return (struct text){out, len};
}

static bool is_variable_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_';

        if (!letter && !(i > 0 && byte >= '0' && byte <= '9'))
            return false;
    }
    return name.len > 0 && name.len < 200;
}

struct secret_place {
    const struct document *document;
    uint32_t cell;
    size_t offset, len;
};

static bool malformed_secret(struct load *load, const struct secret_place *place, const char *what,
                             const char *hint)
{
    struct diagnostic *it =
        diagnose_inside(load->diagnostics, place->document, place->cell, place->offset, place->len,
                        DIAGNOSTIC_E0106, "%s", what);

    diagnostic_hint(load->diagnostics, it, "%s", hint);
    return false;
}

static void unresolved(struct load *load, const struct secret_place *place, struct text name,
                       const char *why, const char *hint)
{
    bool error = !load->options->allow_missing_secrets && !load->options->dev;
    struct arena *arena = load->diagnostics->arena;
    struct diagnostic *it;

    if (load->options->offline)
        return;
    it = diagnose_inside(load->diagnostics, place->document, place->cell, place->offset, place->len,
                         error ? DIAGNOSTIC_E0601 : DIAGNOSTIC_W0602, "\"%.*s\" %s",
                         TEXT_ARG(value_shown(arena, name)), why);
    if (load->options->dev)
        hint = "with --dev a provider without its key answers by the built-in demo instead";
    diagnostic_hint(load->diagnostics, it, "%s", hint);
}

static bool from_variable(struct load *load, const struct secret_place *place, struct text name,
                          struct text *out_value)
{
    bool set;

    if (!is_variable_name(name))
        return malformed_secret(load, place, "the name of an environment variable is malformed",
                                "it is made of letters, digits and '_', and starts with no digit: "
                                "\"${env:NAME}\"");
    set = load->folder->variable(load->folder, name, out_value);
    if (set && out_value->len > 0)
        return true;
    unresolved(load, place, name,
               set ? "is set to nothing in the environment" : "is not set in the environment",
               "set it before starting, for example with export; or try without it: "
               "`pinion serve --dev` answers by the built-in demo provider");
    *out_value = (struct text){0};
    return true;
}

static void wipe(void *thing)
{
    secret_wipe(*(struct text *)thing);
}

/* Reads into ordinary memory, which is wiped when the arena ends. */
static enum folder_status read_file(struct load *load, struct text path, struct arena *arena,
                                    struct text *out_bytes)
{
    struct text *read = ARENA_NEW(arena, struct text);
    const char *why;
    enum folder_status status =
        load->folder->read_absolute(load->folder, path, arena, out_bytes, &why);

    if (status != FOLDER_OK)
        return status;
    *read = *out_bytes;
    arena_defer(arena, wipe, read);
    *out_bytes = text_trim(*out_bytes);
    return status;
}

static bool from_file(struct load *load, const struct secret_place *place, struct text path,
                      struct arena *arena, struct text *out_value)
{
    enum folder_status status;

    if (path.len == 0 || path.at[0] != '/' || memchr(path.at, '\0', path.len) != NULL)
        return malformed_secret(load, place, "the file of a secret needs an absolute path",
                                "write where it is from the root on: "
                                "\"${file:/run/secrets/name}\"");
    status = read_file(load, path, arena, out_value);
    if (status == FOLDER_OK && out_value->len > 0 && out_value->len <= SECRET_BYTES)
        return true;
    unresolved(load, place, path,
               status == FOLDER_MISSING     ? "does not exist"
               : status == FOLDER_IRREGULAR ? "is not a regular file"
               : status == FOLDER_LARGE     ? "is too large for a secret"
               : status == FOLDER_FAILED    ? "cannot be read by this user"
               : out_value->len == 0        ? "is empty"
                                            : "is too large for a secret",
               "the file holds the secret alone; white space around it is ignored");
    *out_value = (struct text){0};
    return true;
}

static void note_opened(struct load *load, struct text name)
{
    struct opened_secret *opened;

    for (const struct opened_secret *it = load->config->opened; it != NULL; it = it->next)
        if (text_equal(it->name, name))
            return;
    opened = ARENA_NEW(load->arena, struct opened_secret);
    *opened = (struct opened_secret){load->config->opened, arena_copy(load->arena, name)};
    load->config->opened = opened;
}

static bool from_store(struct load *load, const struct secret_place *place, struct text name,
                       struct arena *arena, struct text *out_value)
{
    struct error why = {0};

    if (!secret_name_valid(name))
        return malformed_secret(load, place,
                                "the name of a sealed secret has 1 to 63 of a-z, 0-9, '-' and '_'",
                                "write \"${secret:NAME}\", as `pinion secret list` shows it");
    if (load->folder->secret(load->folder, name, arena, out_value, &why)) {
        note_opened(load, name);
        return true;
    }
    unresolved(load, place, name, why.message, why.hint);
    *out_value = (struct text){0};
    return true;
}

/* Replaces the reference at the front of *rest; what it gives lives as long as `arena`, or as the
 * environment. */
static bool replace(struct load *load, struct secret_place *place, struct text *rest,
                    struct arena *arena, struct text *out_value)
{
    size_t end = text_find_byte(*rest, '}');
    struct text name = text_after(text_first(*rest, end), 2);

    place->len = end < rest->len ? end + 1 : rest->len;
    if (end == rest->len)
        return malformed_secret(load, place, "'${' is never closed by '}'",
                                "write \"${env:NAME}\", \"${file:/absolute/path}\" or "
                                "\"${secret:NAME}\"");
    *rest = text_after(*rest, end + 1);
    if (text_starts(name, TEXT("file:")))
        return from_file(load, place, text_after(name, 5), arena, out_value);
    if (text_starts(name, TEXT("secret:")))
        return from_store(load, place, text_after(name, 7), arena, out_value);
    if (text_starts(name, TEXT("env:")))
        name = text_after(name, 4);
    return from_variable(load, place, name, out_value);
}

void load_mask(struct load *load, const struct document *document, uint32_t cell)
{
    struct range range = document_range(document, cell);
    struct masked *masked;

    if (document_cell(document, cell)->type == CELL_STRING &&
        text_starts(document_text(document, cell), TEXT("${")) &&
        text_ends(document_text(document, cell), TEXT("}")))
        return;
    masked = ARENA_NEW(load->arena, struct masked);
    *masked = (struct masked){load->masked, document->source.at, range.start.byte, range.end.byte};
    load->masked = masked;
}

/* The pieces of what was written; false when a reference is malformed. */
static bool take_apart(struct load *load, const struct document *document, uint32_t cell,
                       struct pieces *pieces, bool *out_missing)
{
    struct text written = document_text(document, cell), rest = written, value;

    while (rest.len > 0) {
        size_t start = text_find(rest, TEXT("${"));
        struct secret_place place = {document, cell, 0, 0};

        if (start > 0)
            add_piece(pieces, text_first(rest, start));
        rest = text_after(rest, start);
        if (rest.len == 0)
            break;
        place.offset = written.len - rest.len;
        if (!replace(load, &place, &rest, &pieces->arena, &value))
            return false;
        if (value.len > 0)
            add_piece(pieces, value);
        *out_missing |= value.len == 0;
    }
    return true;
}

struct text load_secret_named(const struct document *document, uint32_t cell)
{
    struct text written = document_text(document, cell);
    bool named =
        text_starts(written, TEXT("${")) && text_find_byte(written, '}') + 1 == written.len;

    return named ? written : (struct text){0};
}

bool load_secret(struct load *load, const struct document *document, uint32_t cell,
                 struct text *out_value, bool *out_missing)
{
    struct text written = document_text(document, cell);
    struct pieces pieces = {.end = &pieces.first};
    bool good;

    *out_missing = false;
    *out_value = written;
    if (text_find(written, TEXT("${")) < written.len) {
        good = take_apart(load, document, cell, &pieces, out_missing);
        if (good)
            *out_value = join(&pieces, load->arena);
        arena_release(&pieces.arena);
        if (!good)
            return false;
    }
    load_digest(load, TEXT("secret"), *out_value);
    return true;
}
