# SPDX-License-Identifier: BSD-2-Clause
#
# stage(NAME SOURCES a.c b.c NEEDS x y [SYSTEM_HEADERS] [ONLY host|target])
#
# One folder of the pipeline as a library. Its include path is its own folder and those of its NEEDS, nothing
# else, so an upward include does not compile. Each stage is built twice from the same source: NAME for the
# host tools (with the preset's sanitizers) and NAME_target freestanding for what runs on seL4. Both are
# compiled with -ffreestanding -nostdinc and see only the compiler's own headers, unless SYSTEM_HEADERS.

execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=include
                OUTPUT_VARIABLE KPKG_COMPILER_HEADERS OUTPUT_STRIP_TRAILING_WHITESPACE)

set(KPKG_WARNINGS -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wvla -Wundef -Wwrite-strings -Wpointer-arith -Wimplicit-fallthrough
    $<$<BOOL:${KPKG_WERROR}>:-Werror>)
set(KPKG_PURE -ffreestanding -nostdinc -isystem ${KPKG_COMPILER_HEADERS})
# What runs on seL4: no red zone surprises from signal frames to care about, no AVX state, no libc, no TLS canary.
set(KPKG_TARGET_FLAGS -ffreestanding -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables
    -fno-pic -fno-pie -mno-avx -ffunction-sections -fdata-sections -O2 -g)
# The root task is the trusted base: small before fast. Its time goes into libsodium, which is compiled already: with -Oz it has
# 250 KB of text, with -Os 252, with -O2 297, which is over its limit, and from the begin of the log to the start of a second target
# (log and hello, hosted) the medians of 100 runs, 1.30 to 1.64 ms, differ less between these than from one series to the next.
set(KPKG_BASE_FLAGS ${KPKG_TARGET_FLAGS} -Oz)
# The preset's sanitizer flags reach host code only.
set(KPKG_HOST_FLAGS)
if(KPKG_SANITIZE)
    list(APPEND KPKG_HOST_FLAGS -fsanitize=${KPKG_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()
if(KPKG_FUZZ)
    list(APPEND KPKG_HOST_FLAGS -fsanitize=fuzzer-no-link)
endif()

function(stage NAME)
    cmake_parse_arguments(PARSE_ARGV 1 S "SYSTEM_HEADERS" "ONLY" "SOURCES;NEEDS")
    if(NOT S_ONLY STREQUAL "target")
        stage_library(${NAME} "" "${KPKG_HOST_FLAGS}")
    endif()
    if(NOT S_ONLY STREQUAL "host")
        stage_library(${NAME} "_target" "${KPKG_BASE_FLAGS}")
        if(S_SOURCES AND NOT S_SYSTEM_HEADERS)
            set_property(GLOBAL APPEND PROPERTY KPKG_PURE_STAGES ${NAME}_target) # for tests/lint
        endif()
    endif()
endfunction()

macro(stage_library NAME SUFFIX FLAGS)
    if(S_SOURCES)
        add_library(${NAME}${SUFFIX} STATIC ${S_SOURCES})
        set(_scope PUBLIC)
        target_compile_options(${NAME}${SUFFIX} PRIVATE ${KPKG_WARNINGS} ${FLAGS})
        if(NOT S_SYSTEM_HEADERS)
            target_compile_options(${NAME}${SUFFIX} PRIVATE ${KPKG_PURE})
        endif()
    else()
        add_library(${NAME}${SUFFIX} INTERFACE)
        set(_scope INTERFACE)
    endif()
    target_include_directories(${NAME}${SUFFIX} ${_scope} ${CMAKE_CURRENT_SOURCE_DIR})
    foreach(_need ${S_NEEDS})
        target_link_libraries(${NAME}${SUFFIX} ${_scope} ${_need}${SUFFIX})
    endforeach()
endmacro()

# A host program or test: links host libraries, hosted C with the system's headers.
function(host_program NAME)
    cmake_parse_arguments(PARSE_ARGV 1 S "" "" "SOURCES;NEEDS")
    add_executable(${NAME} ${S_SOURCES})
    target_compile_options(${NAME} PRIVATE ${KPKG_WARNINGS} ${KPKG_HOST_FLAGS})
    target_compile_definitions(${NAME} PRIVATE _GNU_SOURCE)
    target_link_options(${NAME} PRIVATE ${KPKG_HOST_FLAGS})
    target_link_libraries(${NAME} PRIVATE ${S_NEEDS})
endfunction()

# For a program that reads what strangers send and is not static: the compiler's defences, where no sanitizer is.
function(hardened NAME)
    if(NOT KPKG_SANITIZE)
        target_compile_options(${NAME} PRIVATE -fstack-protector-strong $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE$<SEMICOLON>-D_FORTIFY_SOURCE=2>)
        target_link_options(${NAME} PRIVATE -pie LINKER:-z,relro,-z,now)
    endif()
endfunction()

# A cmocka test program, run by ctest under its name.
function(unit_test NAME)
    cmake_parse_arguments(PARSE_ARGV 1 S "" "" "SOURCES;NEEDS")
    host_program(${NAME} SOURCES ${S_SOURCES} NEEDS ${S_NEEDS} cmocka)
    target_compile_definitions(${NAME} PRIVATE TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}")
    add_test(NAME ${NAME} COMMAND ${NAME})
endfunction()
