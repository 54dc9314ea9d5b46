/* The files of metaschemas/, byte for byte, inside the program. */
#ifdef __CET__
#include <cet.h> /* marks this object as fit for control-flow protection, as the compiler's are */
#endif

    .macro metaschema symbol, file
    .global metaschema_\symbol
    .global metaschema_\symbol\()_end
    .type metaschema_\symbol, %object
metaschema_\symbol:
    .incbin "schema/metaschemas/\file"
metaschema_\symbol\()_end:
    .byte 0
    .size metaschema_\symbol, . - metaschema_\symbol
    .endm

    .section .rodata
    metaschema draft_04, draft-04.json
    metaschema draft_06, draft-06.json
    metaschema draft_07, draft-07.json
    metaschema 2019_09, 2019-09.json
    metaschema 2019_09_core, 2019-09-core.json
    metaschema 2019_09_applicator, 2019-09-applicator.json
    metaschema 2019_09_validation, 2019-09-validation.json
    metaschema 2019_09_meta_data, 2019-09-meta-data.json
    metaschema 2019_09_format, 2019-09-format.json
    metaschema 2019_09_content, 2019-09-content.json
    metaschema 2020_12, 2020-12.json
    metaschema 2020_12_core, 2020-12-core.json
    metaschema 2020_12_applicator, 2020-12-applicator.json
    metaschema 2020_12_unevaluated, 2020-12-unevaluated.json
    metaschema 2020_12_validation, 2020-12-validation.json
    metaschema 2020_12_meta_data, 2020-12-meta-data.json
    metaschema 2020_12_format_annotation, 2020-12-format-annotation.json
    metaschema 2020_12_format_assertion, 2020-12-format-assertion.json
    metaschema 2020_12_content, 2020-12-content.json

    .section .note.GNU-stack, "", %progbits
