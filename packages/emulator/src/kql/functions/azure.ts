/**
 * Scalar functions of Azure Monitor that this engine does not run, so that it can tell them from misspelt ones: those of
 * `@kusto/language-service-next` 12.4.1, and the two that only transformations have.
 */
export const AZURE_FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'all any around array_iff array_iif array_rotate_left array_rotate_right array_shift_left ' +
    'array_shift_right array_sort_asc array_sort_desc array_split array_strcat arraylength assert ' +
    'bag_pack_columns bag_zip base64_decode_toarray base64_decode_toguid base64_encode_fromarray ' +
    'base64_encode_fromguid beta_cdf beta_inv beta_pdf bin_at bin_auto cluster column_names_of convert_angle ' +
    'convert_energy convert_force convert_length convert_mass convert_speed convert_temperature ' +
    'convert_volume cot current_cluster_endpoint current_cursor current_database current_node_id ' +
    'current_principal current_principal_details current_principal_is_member_of cursor_after ' +
    'cursor_before_or_at cursor_current database datepart datetime_list_timezones datetime_local_to_utc ' +
    'datetime_utc_to_local dcount_hll dynamic_to_json entity_group erf erfc estimate_data_size extent_id ' +
    'extent_tags extentid external_table extract_json extractall extractjson format_bytes format_ipv4 ' +
    'format_ipv4_mask gamma geo_angle geo_azimuth geo_closest_point_on_line geo_closest_point_on_polygon ' +
    'geo_distance_2points geo_distance_point_to_line geo_distance_point_to_polygon geo_from_wkt ' +
    'geo_geohash_neighbors geo_geohash_to_central_point geo_geohash_to_polygon geo_h3cell_children ' +
    'geo_h3cell_level geo_h3cell_neighbors geo_h3cell_parent geo_h3cell_rings geo_h3cell_to_central_point ' +
    'geo_h3cell_to_polygon geo_info_from_ip_address geo_intersection_2lines geo_intersection_2polygons ' +
    'geo_intersection_line_with_polygon geo_intersects_2lines geo_intersects_2polygons ' +
    'geo_intersects_line_with_polygon geo_line_buffer geo_line_centroid geo_line_densify ' +
    'geo_line_interpolate_point geo_line_length geo_line_locate_point geo_line_simplify geo_line_to_s2cells ' +
    'geo_location geo_point_buffer geo_point_in_circle geo_point_in_polygon geo_point_to_geohash ' +
    'geo_point_to_h3cell geo_point_to_s2cell geo_polygon_area geo_polygon_buffer geo_polygon_centroid ' +
    'geo_polygon_densify geo_polygon_perimeter geo_polygon_simplify geo_polygon_to_h3cells ' +
    'geo_polygon_to_s2cells geo_s2cell_neighbors geo_s2cell_to_central_point geo_s2cell_to_polygon ' +
    'geo_simplify_polygons_array geo_union_lines_array geo_union_polygons_array graph ' +
    'gzip_compress_to_base64_string gzip_decompress_from_base64_string has_any_index has_any_ipv4 ' +
    'has_any_ipv4_prefix has_ipv4 has_ipv4_prefix hash hash_combine hash_many hash_xxhash64 hll_isvalid ' +
    'hll_merge indexof_regex ingestion_time inner_nodes ipv4_compare ipv4_is_in_any_range ipv4_is_in_range ' +
    'ipv4_is_match ipv4_is_private ipv4_netmask_suffix ipv4_range_to_cidr_list ipv6_compare ' +
    'ipv6_is_in_any_range ipv6_is_in_range ipv6_is_match isascii iscolumnexists isutf8 jaccard_index labels ' +
    'loggamma make_string map materialized_view merge_tdigest next node_degree_in node_degree_out node_id ' +
    'pack_all parse_cef_dictionary parse_command_line parse_csv parse_ipv4 parse_ipv4_mask parse_ipv6 ' +
    'parse_ipv6_mask parse_path parse_url parse_urlquery parse_user_agent parse_version parse_xml parseurl ' +
    'parseurlquery percentile_tdigest percentiles_array_tdigest percentrank_tdigest prev ' +
    'punycode_domain_from_string punycode_domain_to_string punycode_from_string punycode_to_string range ' +
    'rank_tdigest repeat replace_strings row_cumsum row_id row_number row_rank row_rank_dense row_rank_min ' +
    'row_window_session rowstore_ordinal_range series_abs series_acos series_add series_asin series_atan ' +
    'series_ceiling series_cos series_cosine_similarity series_decompose series_decompose_anomalies ' +
    'series_decompose_forecast series_divide series_dot_product series_equals series_exp series_fft ' +
    'series_fill_backward series_fill_const series_fill_forward series_fill_linear series_fir ' +
    'series_fit_2lines series_fit_2lines_dynamic series_fit_line series_fit_line_dynamic series_fit_poly ' +
    'series_floor series_greater series_greater_equals series_ifft series_iir series_less series_less_equals ' +
    'series_log series_magnitude series_multiply series_not_equals series_outliers series_pearson_correlation ' +
    'series_periods_detect series_periods_validate series_pow series_product series_seasonal series_sign ' +
    'series_sin series_stats series_stats_dynamic series_subtract series_sum series_tan set_equals ' +
    'stored_query_result table tdigest_isvalid tdigest_merge to_utf8 todecimal totime treepath ' +
    'unicode_codepoints_from_string unicode_codepoints_to_string welch_test zlib_compress_to_base64_string ' +
    'zlib_decompress_from_base64_string'
  ).split(' '),
)

/**
 * Functions and operators that a transformation may use
 * (azure-monitor-docs, data-collection-transformations-kql.md; «Only the operators listed in this article are supported
 * in transformations»), and `iff`, `replace`, `not` and `tostring` aliases, which deployed rules use.
 */
const DOCUMENTED: ReadonlySet<string> = new Set(
  (
    'binary_and binary_or binary_not binary_shift_left binary_shift_right binary_xor tobool todatetime todouble toreal ' +
    'toguid toint tolong tostring totimespan ago datetime_add datetime_diff datetime_part dayofmonth dayofweek ' +
    'dayofyear endofday endofmonth endofweek endofyear getmonth getyear hourofday make_datetime make_timespan now ' +
    'startofday startofmonth startofweek startofyear weekofyear array_concat array_length pack_array pack parse_json ' +
    'parse_xml zip abs bin floor ceiling exp exp10 exp2 isfinite isinf isnan log log10 log2 pow round sign case iif ' +
    'max_of min_of base64_encodestring base64_decodestring countof extract extract_all indexof isempty isnotempty ' +
    'split strcat strcat_delim strlen substring tolower toupper hash_sha256 gettype isnotnull isnull columnifexists ' +
    'parse_cef_dictionary geo_location iff replace not ' +
    'where extend project print parse project-away project-rename datatable ' +
    '== != =~ !~ contains !contains contains_cs !contains_cs has !has has_cs !has_cs startswith !startswith ' +
    'startswith_cs !startswith_cs endswith !endswith endswith_cs !endswith_cs in !in and or + - * / % < <= > >= <> ' +
    'matches_regex'
  ).split(' '),
)

/** Whether Microsoft's page lists it, or rules in use have shown it to work. */
export function isDocumentedInTransforms(feature: string): boolean {
  return DOCUMENTED.has(feature.replace(' ', '_'))
}

/**
 * Functions that Azure has been seen to refuse in a transformation, and what to write instead: `coalesce`
 * (Azure-Sentinel#14286), `replace_string` and `bag_pack` (Azure-Sentinel#15099), `column_ifexists` (the page above), the
 * long names of the base64 functions (likewise).
 */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['coalesce', 'iff(isempty(a), b, a)'],
  ['replace_string', 'replace(regex, replacement, text)'],
  ['bag_pack', 'pack(…)'],
  ['column_ifexists', 'columnifexists(…)'],
  ['base64_encode_tostring', 'base64_encodestring(…)'],
  ['base64_decode_tostring', 'base64_decodestring(…)'],
])

/** What to write instead of a function that Azure refuses; undefined when it does not. */
export function refusedInTransforms(name: string): string | undefined {
  const instead = REFUSED.get(name)
  return instead === undefined ? undefined : `; use ${instead}`
}
