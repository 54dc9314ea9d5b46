/* `mounts` of pinion.yaml: paths under which is what is under /v1. They take nothing away from what
 * else is served, but for what is below a project's path, which is warned of. */
#include "config/load.h"

#include "config/value.h"

enum { MOUNTS_MAX = 16, MOUNT_BYTES_MAX = 128 };

/* What is under /v1 already: gateway/paths.c. */
static const char *const taken_below_v1[] = {"chat",      "embeddings", "messages", "models",
                                             "responses", "sessions",   "usage"};

static bool refuse(struct load *load, uint32_t cell, const char *what, const char *hint)
{
    struct diagnostic *it =
        diagnose(load->diagnostics, load->settings, cell, DIAGNOSTIC_E0106, "%s", what);

    diagnostic_hint(load->diagnostics, it, "%s", hint);
    return false;
}

static bool segment_valid(struct text segment)
{
    for (size_t i = 0; i < segment.len; i++) {
        char byte = segment.at[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
              (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.'))
            return false;
    }
    return segment.len > 0 && !text_equal(segment, TEXT(".")) && !text_equal(segment, TEXT(".."));
}

static bool is_path(struct text mount)
{
    struct text rest = mount;

    if (mount.len < 2 || mount.len > MOUNT_BYTES_MAX || mount.at[0] != '/' ||
        text_ends(mount, TEXT("/")))
        return false;
    text_split(&rest, '/');
    while (rest.len > 0)
        if (!segment_valid(text_split(&rest, '/')))
            return false;
    return true;
}

static bool is_taken_below_v1(struct text segment)
{
    for (size_t i = 0; i < sizeof taken_below_v1 / sizeof *taken_below_v1; i++)
        if (text_equal(segment, text_of(taken_below_v1[i])))
            return true;
    return false;
}

/* Whether the gateway answers there itself, or an endpoint does. */
static bool is_free(struct load *load, uint32_t cell, struct text mount)
{
    struct text rest = text_after(mount, 1), first = text_split(&rest, '/'), path = rest;
    struct text second = text_split(&rest, '/');

    if (text_equal(first, TEXT("v1")))
        return (second.len > 0 && !is_taken_below_v1(second)) ||
               refuse(load, cell, "the gateway itself answers under that path",
                      "a mount point below /v1 is written /v1/ai, or with whatever else is not "
                      "served there");
    if (text_equal(first, TEXT("api")))
        return second.len > 0 || refuse(load, cell, "projects have their paths under /api",
                                        "write /api/ai/v1, or whatever else clients have");
    if (slug_reserved(first))
        return refuse(load, cell, "the gateway itself answers under that path",
                      "choose another, such as /ai/v1");
    if (path.len == 0 && config_endpoint(load->config, first) != NULL)
        return refuse(load, cell, "an endpoint has that path", "choose another, such as /ai/v1");
    return true;
}

static void warn_of_project(struct load *load, uint32_t cell, struct text mount)
{
    struct text rest = mount, name;
    struct diagnostic *it;

    if (!text_starts(mount, TEXT("/api/")))
        return;
    rest = text_after(rest, strlen("/api/"));
    name = text_split(&rest, '/');
    if (config_project(load->config, name) == NULL &&
        config_project_by_id(load->config, name) == NULL)
        return;
    it = diagnose(load->diagnostics, load->settings, cell, DIAGNOSTIC_W0801,
                  "the mount point takes paths of the project \"%.*s\"", TEXT_ARG(name));
    diagnostic_hint(load->diagnostics, it,
                    "calls there are then of the token's own project, whichever that is");
}

static bool read_mount(struct load *load, uint32_t cell, struct text *mounts, size_t count)
{
    const char *const hint = "it is written /api/ai/v1: it begins with a slash and does not end "
                             "with one, and has letters, digits, '-', '_' and '.' between slashes";
    struct text mount;

    if (document_cell(load->settings, cell)->type != CELL_STRING)
        return refuse(load, cell, "a mount point is a path", hint);
    mount = document_text(load->settings, cell);
    if (!is_path(mount))
        return refuse(load, cell, "a mount point is a path that begins with a slash", hint);
    for (size_t i = 0; i < count; i++)
        if (text_equal(mounts[i], mount))
            return refuse(load, cell, "the mount point is listed twice", "remove one of them");
    if (!is_free(load, cell, mount))
        return false;
    warn_of_project(load, cell, mount);
    mounts[count] = mount;
    return true;
}

void load_mounts(struct load *load)
{
    uint32_t members = load_members(load, load->settings, load->mounts, MOUNTS_MAX);
    struct text *mounts = ARENA_ARRAY(load->arena, struct text, members);
    size_t count = 0;

    for (uint32_t i = 0, at = load->mounts + 1; i < members;
         i++, at = document_next(load->settings, at))
        count += read_mount(load, at, mounts, count);
    load->config->settings.mounts = mounts;
    load->config->settings.mount_count = count;
}
