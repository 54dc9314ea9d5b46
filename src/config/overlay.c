#include "config/overlay.h"

#include <stdlib.h>

static const struct text settings_path = TEXT_INIT("pinion.yaml");

static const struct folder_overlay *overlay_of(const struct folder *folder)
{
    return (const struct folder_overlay *)folder;
}

static int by_path(const void *a, const void *b)
{
    return text_compare(((const struct history_file *)a)->path,
                        ((const struct history_file *)b)->path);
}

static bool looks_below(const struct folder_overlay *overlay, struct text path)
{
    return overlay->through && !(overlay->endpoint.len > 0 && text_equal(path, settings_path));
}

static bool is_in_force(const struct config *current, struct text path)
{
    for (size_t i = 0; i < current->endpoint_count; i++) {
        const struct endpoint *endpoint = &current->endpoints[i];
        const struct history_file *files =
            endpoint->pinned ? endpoint->folder_files : endpoint->files;
        size_t count = endpoint->pinned ? endpoint->folder_file_count : endpoint->file_count;

        for (size_t n = 0; n < count; n++)
            if (text_equal(files[n].path, path))
                return true;
    }
    return false;
}

/* Credentials are no schemas, but many are JSON. Of what else lies there an endpoint can name
 * nothing, and pinion.yaml certificates. */
static bool is_closed(const struct folder_overlay *overlay, struct text path, struct arena *arena)
{
    bool nameable = text_ends(path, TEXT(".json")) || text_ends(path, TEXT(".yaml"));
    struct text plain;

    return overlay->current != NULL && nameable && !text_equal(path, settings_path) &&
           !config_draft_takes(path, arena, &plain) && !is_in_force(overlay->current, path);
}

static enum folder_status give(struct folder *folder, struct text path, struct arena *arena,
                               struct text *out_bytes, const char **out_why)
{
    const struct folder_overlay *overlay = overlay_of(folder);
    const struct history_file wanted = {.path = path}, *found = NULL;

    if (text_equal(path, settings_path) && overlay->settings.at != NULL) {
        *out_bytes = arena_copy(arena, overlay->settings);
        return FOLDER_OK;
    }
    if (overlay->count > 0)
        found = bsearch(&wanted, overlay->files, overlay->count, sizeof wanted, by_path);
    if (found == NULL && looks_below(overlay, path) && is_closed(overlay, path, arena))
        return FOLDER_CLOSED;
    if (found == NULL && looks_below(overlay, path))
        return overlay->below->read(overlay->below, path, arena, out_bytes, out_why);
    if (found == NULL)
        return FOLDER_MISSING;
    *out_bytes = arena_copy(arena, found->bytes);
    return FOLDER_OK;
}

static int by_bytes(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

/* The name that a path has in a subfolder; false when it is elsewhere. */
static bool name_in(struct text subfolder, struct text path, struct text *out)
{
    if (subfolder.len > 0) {
        if (!text_starts(path, subfolder) || path.len <= subfolder.len + 1 ||
            path.at[subfolder.len] != '/')
            return false;
        path = text_after(path, subfolder.len + 1);
    }
    *out = text_split(&path, '/');
    return true;
}

/* Whether the name in that subfolder is one of those that are looked at. */
static bool is_wanted(const struct folder_overlay *overlay, struct text subfolder, struct text name)
{
    struct text only;

    if (overlay->endpoint.len == 0)
        return true;
    if (subfolder.len == 0)
        return overlay->settings.at != NULL || !text_equal(name, settings_path);
    if (text_equal(subfolder, TEXT("endpoints")))
        return name_in(subfolder, overlay->endpoint, &only) && text_equal(name, only);
    if (text_equal(subfolder, TEXT("tests")))
        return name_in(subfolder, overlay->tests, &only) && text_equal(name, only);
    return true;
}

/* Appends the names that the folder below has there to `count` others. */
static struct text *add_below(const struct folder_overlay *overlay, struct text path,
                              struct arena *arena, struct text *names, size_t *count)
{
    const struct text *more;
    size_t more_count = 0;
    const char *why;

    if (overlay->below->list(overlay->below, path, arena, &more, &more_count, &why) != FOLDER_OK)
        return names;
    names = arena_grow(arena, names, *count * sizeof *names, (*count + more_count) * sizeof *names);
    for (size_t i = 0; i < more_count; i++)
        names[(*count)++] = more[i];
    return names;
}

static enum folder_status list(struct folder *folder, struct text path, struct arena *arena,
                               const struct text **out_names, size_t *out_count,
                               const char **out_why)
{
    const struct folder_overlay *overlay = overlay_of(folder);
    struct text *names = ARENA_ARRAY(arena, struct text, overlay->count + 1);
    size_t count = 0, kept = 0;

    (void)out_why;
    if (path.len == 0 && overlay->settings.at != NULL)
        names[count++] = settings_path;
    for (size_t i = 0; i < overlay->count; i++)
        count += name_in(path, overlay->files[i].path, &names[count]);
    if (overlay->through)
        names = add_below(overlay, path, arena, names, &count);
    if (count > 0)
        qsort(names, count, sizeof *names, by_bytes);
    for (size_t i = 0; i < count; i++)
        if ((kept == 0 || !text_equal(names[i], names[kept - 1])) &&
            is_wanted(overlay, path, names[i]))
            names[kept++] = names[i];
    *out_names = names;
    *out_count = kept;
    return kept > 0 || path.len == 0 ? FOLDER_OK : FOLDER_MISSING;
}

static enum folder_status read_absolute(struct folder *folder, struct text path,
                                        struct arena *arena, struct text *out_bytes,
                                        const char **out_why)
{
    struct folder *below = overlay_of(folder)->below;

    return below->read_absolute(below, path, arena, out_bytes, out_why);
}

static bool variable(struct folder *folder, struct text name, struct text *out_value)
{
    struct folder *below = overlay_of(folder)->below;

    return below->variable(below, name, out_value);
}

static bool secret(struct folder *folder, struct text name, struct arena *arena,
                   struct text *out_value, struct error *err)
{
    struct folder *below = overlay_of(folder)->below;

    return below->secret(below, name, arena, out_value, err);
}

void folder_overlay_init(struct folder_overlay *overlay, struct folder *below,
                         const struct history_file *files, size_t count, struct text settings,
                         struct arena *arena)
{
    struct history_file *sorted = ARENA_ARRAY(arena, struct history_file, count + 1);
    size_t kept = 0;

    if (count > 0) {
        memcpy(sorted, files, count * sizeof *files);
        qsort(sorted, count, sizeof *sorted, by_path);
    }
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !text_equal(sorted[i].path, sorted[kept - 1].path))
            sorted[kept++] = sorted[i];
    *overlay = (struct folder_overlay){.folder = {give, list, read_absolute, variable, secret},
                                       .below = below,
                                       .files = sorted,
                                       .count = kept,
                                       .settings = settings};
}
