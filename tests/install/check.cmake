# SPDX-License-Identifier: BSD-2-Clause
# cmake -DBUILD=... -DSOURCE=... -DWORK=... -P check.cmake: install, and unpack the Debian
# packages; then build tests/install/outside against each, by CMake and by pkg-config.
function(run)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${WORK} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
    if(code)
        message(FATAL_ERROR "${ARGN}\n${text}")
    endif()
    set(OUTPUT "${text}" PARENT_SCOPE)
endfunction()

# Builds the package with the kpkg below `prefix` and reads it back.
function(check prefix)
    set(kpkg ${prefix}/bin/kpkg)
    set(out ${prefix}-out)
    run(${CMAKE_COMMAND} -S ${SOURCE}/outside -B ${out} -G Ninja -DCMAKE_PREFIX_PATH=${prefix} -DKEY=${WORK}/key.pem)
    run(${CMAKE_COMMAND} --build ${out})
    run(${kpkg} inspect ${out}/outside.kpkg)
    if(NOT OUTPUT MATCHES "com.example.outside")
        message(FATAL_ERROR "kpkg inspect says:\n${OUTPUT}")
    endif()

    run(${SOURCE}/plain ${prefix} ${SOURCE}/outside ${out}/plain)
    foreach(file share/man/man1/kpkg.1 share/man/man1/kpkg-push.1 share/man/man5/kpkg-manifest.5 share/bash-completion/completions/kpkg
            share/kpkg/ci/github.yml libexec/kpkg/kpkg-oci share/kpkg/schemas/manifest.schema.json share/kpkg/schemas/diff.schema.json)
        if(NOT EXISTS ${prefix}/${file} AND NOT EXISTS ${prefix}/${file}.gz AND (MANUAL OR NOT file MATCHES "/man/"))
            message(FATAL_ERROR "${prefix}/${file} is not installed")
        endif()
    endforeach()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
run(${BUILD}/kpkg key generate ${WORK}/key.pem)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
check(${WORK}/prefix)

run(${CPACK} --config ${BUILD}/debian.cmake -B ${WORK}/packages)
file(GLOB packages ${WORK}/packages/*.deb)
list(LENGTH packages count)
if(NOT count EQUAL ${PACKAGES})
    message(FATAL_ERROR "not ${PACKAGES} packages: ${packages}")
endif()
foreach(package ${packages})
    run(dpkg-deb --extract ${package} ${WORK}/debian)
endforeach()
check(${WORK}/debian/usr)

# The registry's program is found from where it was installed: it is asked, and says that nobody answers there.
execute_process(COMMAND ${WORK}/debian/usr/bin/kpkg pull 127.0.0.1:1/a:1 --plain-http WORKING_DIRECTORY ${WORK} RESULT_VARIABLE code ERROR_VARIABLE text)
if(NOT code EQUAL 2 OR NOT text MATCHES "KPKG_E_REGISTRY_UNREACHABLE")
    message(FATAL_ERROR "kpkg pull says ${code}:\n${text}")
endif()

find_program(LINTIAN lintian)
if(LINTIAN)
    run(${LINTIAN} --no-cfg --allow-root --fail-on error,warning --tag-display-limit 0 ${packages})
else()
    message("lintian not found")
endif()
