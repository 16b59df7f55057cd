# SPDX-License-Identifier: BSD-2-Clause
#
# kpkg_add_package(NAME SOURCES a.c ... MANIFEST NAME.kpkg.toml [KEY key.pem])
#
# Builds a package in the current binary folder: NAME.elf (what the manifest's binary.path names), a copy of the
# manifest beside it, and from the two NAME.kpkg, signed when there is a key. NAME.debug.elf is the same program
# with symbols, for addr2line and gdb. The target NAME builds all of it; NAME-elf is the program.

function(kpkg_add_package NAME)
    cmake_parse_arguments(PARSE_ARGV 1 P "" "MANIFEST;KEY" "SOURCES")
    set(_elf ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.elf)
    set(_package ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.kpkg)

    add_executable(${NAME}-elf ${P_SOURCES})
    set_target_properties(${NAME}-elf PROPERTIES OUTPUT_NAME ${NAME}.debug.elf)
    target_link_libraries(${NAME}-elf PRIVATE kpkg::runtime)
    add_custom_command(OUTPUT ${_elf} DEPENDS ${NAME}-elf VERBATIM
        COMMAND ${CMAKE_OBJCOPY} --strip-all $<TARGET_FILE:${NAME}-elf> ${_elf})
    configure_file(${P_MANIFEST} ${NAME}.kpkg.toml COPYONLY)

    if(TARGET kpkg_cli)
        set(_kpkg $<TARGET_FILE:kpkg_cli>)
        set(_program kpkg_cli)
    elseif(KPKG_PROGRAM)
        set(_kpkg ${KPKG_PROGRAM})
        set(_program ${KPKG_PROGRAM})
    else()
        message(FATAL_ERROR "kpkg_add_package(${NAME}): the program kpkg is not found")
    endif()
    set(_sign)
    if(P_KEY)
        get_filename_component(P_KEY ${P_KEY} ABSOLUTE)
        set(_sign COMMAND ${_kpkg} sign ${_package} --key ${P_KEY})
    endif()
    add_custom_command(OUTPUT ${_package} VERBATIM
        DEPENDS ${_elf} ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.kpkg.toml ${_program} ${P_KEY}
        COMMAND ${_kpkg} pack ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.kpkg.toml -o ${_package}
        ${_sign})
    add_custom_target(${NAME} ALL DEPENDS ${_package})
endfunction()
