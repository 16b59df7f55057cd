# SPDX-License-Identifier: BSD-2-Clause
# CPack runs this over what is going to be packed: what Debian's policy wants of each package beside the files themselves.
set(PACKAGE_tool kpkg)
set(PACKAGE_target libkpkg-dev)
set(PACKAGE_postgres kpkg-postgres)

function(compress)
    if(ARGN)
        execute_process(COMMAND gzip -9nf ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
    endif()
endfunction()

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(component ${CPACK_COMPONENTS_ALL})
    set(package ${PACKAGE_${component}})
    set(share ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share)
    file(WRITE ${share}/doc/${package}/changelog "${package} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * CHANGES.md of the source says what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
    file(GLOB manuals ${share}/man/man*/*)
    compress(${share}/doc/${package}/changelog ${manuals})
    configure_file(${CMAKE_CURRENT_LIST_DIR}/${package}.lintian-overrides ${share}/lintian/overrides/${package} COPYONLY)
    file(CHMOD_RECURSE ${share}/doc ${share}/lintian FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
         DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endforeach()
