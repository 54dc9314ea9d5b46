/* provider/prices.json, byte for byte, inside the program. */
#ifdef __CET__
#include <cet.h> /* marks this object as fit for control-flow protection, as the compiler's are */
#endif

    .section .rodata
    .global provider_prices_json
    .global provider_prices_json_end
    .type provider_prices_json, %object
provider_prices_json:
    .incbin "provider/prices.json"
provider_prices_json_end:
    .byte 0
    .size provider_prices_json, . - provider_prices_json

    .section .note.GNU-stack, "", %progbits
