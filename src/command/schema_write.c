#include "command/schema_write.h"

#include "base/buffer.h"
#include "base/check.h"
#include "base/author_file.h"
#include "base/input.h"

static const char *const modelines[SHAPE_FILE_COUNT] = {
    [SHAPE_ENDPOINT] = "# yaml-language-server: $schema=../.pinion/endpoint.schema.json",
    [SHAPE_ROUTING] = "# yaml-language-server: $schema=../.pinion/routing.schema.json",
    [SHAPE_TESTS] = "# yaml-language-server: $schema=../.pinion/tests.schema.json",
    [SHAPE_CONFIG] = "# yaml-language-server: $schema=.pinion/config.schema.json",
};

const char *schema_modeline(enum shape_file file)
{
    CHECK((unsigned)file < SHAPE_FILE_COUNT);
    return modelines[file];
}

bool schema_write_all(struct text folder, struct arena *arena, size_t *out_written,
                      struct error *err)
{
    for (int file = 0; file < SHAPE_FILE_COUNT; file++) {
        struct text path = arena_printf(arena, "%.*s/.pinion/%s.schema.json", TEXT_ARG(folder),
                                        shape_file_name((enum shape_file)file));
        struct buffer schema = buffer_in(arena);
        struct text now;

        shape_write((enum shape_file)file, &schema);
        if (input_read(path.at, arena, &now, NULL) && text_equal(now, buffer_text(&schema)))
            continue;
        if (!author_file_replace(path, buffer_text(&schema), arena, err))
            return false;
        (*out_written)++;
    }
    return true;
}
