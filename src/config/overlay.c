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

static enum folder_status give(struct folder *folder, struct text path, struct arena *arena,
                               struct text *out_bytes, const char **out_why)
{
    const struct folder_overlay *overlay = overlay_of(folder);
    const struct history_file wanted = {.path = path}, *found = NULL;

    (void)out_why;
    if (text_equal(path, settings_path) && overlay->settings.at != NULL) {
        *out_bytes = arena_copy(arena, overlay->settings);
        return FOLDER_OK;
    }
    if (overlay->count > 0)
        found = bsearch(&wanted, overlay->files, overlay->count, sizeof wanted, by_path);
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
    if (count > 0)
        qsort(names, count, sizeof *names, by_bytes);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !text_equal(names[i], names[kept - 1]))
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
