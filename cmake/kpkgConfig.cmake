# SPDX-License-Identifier: BSD-2-Clause
# find_package(kpkg): the target kpkg::runtime and the function kpkg_add_package().
include(${CMAKE_CURRENT_LIST_DIR}/kpkgTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/kpkg_add_package.cmake)
