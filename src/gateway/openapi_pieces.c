#include "gateway/openapi_pieces.h"

#include "gateway/paths.h"

void openapi_pieces_init(struct openapi_pieces *pieces, const struct config *config)
{
    struct catalog_piece *items;
    struct text *etags;

    *pieces = (struct openapi_pieces){0};
    items = ARENA_ARRAY(&pieces->arena, struct catalog_piece, config->endpoint_count);
    etags = ARENA_ARRAY(&pieces->arena, struct text, config->endpoint_count);
    for (size_t i = 0; i < config->endpoint_count; i++) {
        struct arena scratch = {0};
        struct catalog_piece piece;
        struct buffer both = buffer_in(&scratch);

        catalog_piece_make(&config->endpoints[i], &scratch, &piece);
        buffer_put(&both, piece.path);
        buffer_put(&both, piece.schemas);
        etags[i] = etag_of(&pieces->arena, buffer_text(&both));
        items[i] = (struct catalog_piece){.path = arena_copy(&pieces->arena, piece.path),
                                          .schemas = arena_copy(&pieces->arena, piece.schemas),
                                          .uses = piece.uses};
        arena_release(&scratch);
    }
    pieces->items = items;
    pieces->etags = etags;
}

void openapi_pieces_release(struct openapi_pieces *pieces)
{
    arena_release(&pieces->arena);
}

struct text openapi_pieces_etag(const struct openapi_pieces *pieces, const struct catalog *catalog,
                                struct arena *arena)
{
    struct buffer all = buffer_in(arena);

    buffer_put(&all, TEXT(PINION_VERSION));
    buffer_put_byte(&all, ' ');
    buffer_put(&all, catalog->origin);
    for (size_t i = 0; i < catalog->config->endpoint_count; i++)
        if (catalog_shows(catalog, &catalog->config->endpoints[i]))
            buffer_put(&all, pieces->etags[i]);
    return etag_of(arena, buffer_text(&all));
}
