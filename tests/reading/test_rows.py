"""Which test holds which of the 85 rows: faults that BLAST results are known to bring, P1 to P85."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.reading.files import DATA

TESTS = DATA.parent

PAGE = "results page"
LATER = (PAGE,)
"""Issues of their own, for rows that no reader of the formats here can hold alone."""

DAMAGE, REPORTS, TABULAR = "reading/test_any_damage", "reading/test_reports", "reading/test_tabular"
MEMORY, INFLATE, DETECT = "reading/test_memory", "reading/test_inflate", "reading/test_detect"
IDENTITY, OTHERS, FOLDER = "reading/test_identity", "reading/test_other_writers", "reading/test_folder"
EXPECTED, GOLDEN, OUTFMT = "reading/test_expectations", "reading/test_golden", "reading/test_outfmt"
DOCUMENTS = "reading/test_documents"
ARCHIVED, LINEAGES = "reading/test_archives", "views/test_taxonomy"
ATTRIBUTION, NEIGHBOURS = "reading/test_attribution", "tables/test_neighbours"
PAIRS, TAXA, COMPLETE = "tables/test_pairs", "tables/test_taxa", "views/test_completeness"
BUILD, PAGES, WARNINGS = "views/test_build", "views/test_pages", "views/test_warnings"
CASES = f"{EXPECTED}::test_a_case_has_the_state_and_the_counts_of_the_table"

ROWS: dict[int, tuple[str, ...]] = {
    1: (f"{MEMORY}::test_one_query_with_many_hits_comes_in_bounded_batches",),
    2: (f"{BUILD}::test_a_file_past_the_deadline_is_published_with_what_was_read",),
    3: (
        f"{BUILD}::test_a_result_of_many_parts_reads_as_one",
        "views/test_many_files::test_five_thousand_files_fit_in_memory",
        f"{NEIGHBOURS}::test_hsps_of_a_subject_come_together_at_its_first_one",
    ),
    4: (f"{PAGES}::test_a_full_page_has_a_cursor_and_the_last_one_has_none",),
    5: (f"{TABULAR}::test_the_fast_road_takes_only_what_the_exact_one_takes",),
    6: (f"{MEMORY}::test_an_hsp_may_be_larger_than_a_block",),
    7: (
        f"{REPORTS}::test_the_break_of_a_cut_report_has_its_offset_and_its_line",
        f"{REPORTS}::test_what_stands_behind_a_hole_in_one_hsp_is_kept",
        f"{REPORTS}::test_whole_queries_behind_a_hole_are_kept",
        f"{ATTRIBUTION}::test_no_hole_gives_an_hsp_to_another",
        f"{DAMAGE}::test_what_can_be_seen_to_be_lost_is_seen",
    ),
    8: (
        f"{REPORTS}::test_joined_documents_keep_their_own_queries",
        f"{DAMAGE}::test_any_two_joined_files_are_read_as_both",
        f"{DOCUMENTS}::test_a_report_behind_one_that_was_cut_is_read",
    ),
    9: (f"{REPORTS}::test_stray_text_is_ignored_and_said",),
    10: (f"{REPORTS}::test_queries_that_the_writer_left_are_partial",),
    11: (
        f"{INFLATE}::test_the_case_of_two_members_has_all_its_lines",
        f"{INFLATE}::test_members_behind_a_broken_one_are_found_again",
        f"{INFLATE}::test_a_bgzf_file_without_its_last_empty_block_is_cut",
    ),
    12: (
        f"{INFLATE}::test_a_cut_file_gives_all_that_decodes",
        f"{INFLATE}::test_litter_behind_the_last_member_is_counted",
    ),
    13: (f"{COMPLETE}::test_an_exit_code_that_is_not_0_is_told_in_words",),
    14: ("reading/test_log_text::test_an_exit_code_in_words",),
    15: (f"{TABULAR}::test_a_last_line_without_its_end_is_rejected",),
    16: (f"{TABULAR}::test_crlf_and_byte_order_mark_do_not_show",),
    17: (f"{DAMAGE}::test_an_empty_file_has_no_hits_only_in_a_format_that_prints_nothing_then",),
    18: (
        f"{TABULAR}::test_queries_without_hits_are_listed_with_their_titles",
        f"{REPORTS}::test_a_query_that_was_not_searched_says_so",
        f"{BUILD}::test_queries_that_a_format_leaves_out_come_from_the_query_fasta_in_its_order",
    ),
    19: (
        f"{TABULAR}::test_old_files_lack_hits_found_and_the_trailer",
        f"{TABULAR}::test_columns_of_one_query_do_not_hold_for_the_next",
    ),
    20: (f"{REPORTS}::test_a_message_on_a_query_with_hits_changes_nothing",),
    21: (
        f"{TABULAR}::test_missing_rows_of_a_query_are_seen",
        f"{ATTRIBUTION}::test_rows_whose_comments_are_lost_are_not_those_of_the_query_before",
    ),
    22: (f"{COMPLETE}::test_an_exit_code_that_is_not_0_is_told_in_words",),
    23: (
        f"{DETECT}::test_twelve_columns_of_another_meaning_are_not_guessed",
        f"{DETECT}::test_rows_that_do_not_fit_the_columns_asked_for_are_not_read",
    ),
    24: (
        f"{TABULAR}::test_all_twenty_columns_are_named",
        f"{TABULAR}::test_unknown_labels_are_kept_as_extra_columns",
    ),
    25: (f"{TABULAR}::test_unknown_comments_are_ignored_and_said",),
    26: (
        f"{TABULAR}::test_a_row_may_look_like_a_comment",
        f"{TABULAR}::test_a_query_id_may_begin_with_a_hash",
    ),
    27: (
        f"{TABULAR}::test_commas_in_a_title_stay_in_it",
        f"{TABULAR}::test_two_free_texts_side_by_side_are_left_out_where_they_run_together",
    ),
    28: (f"{TABULAR}::test_a_delimiter_of_several_characters",),
    29: (f"{OTHERS}::test_the_header_row_of_outfmt_20_settles_columns_and_comma",),
    30: (f"{OUTFMT}::test_quotes_lists_and_option_strings_say_the_same",),
    31: (f"{TABULAR}::test_the_id_is_taken_off_the_title_of_an_unparsed_database",),
    32: (PAGE,),
    33: (f"{TABULAR}::test_padded_and_large_scores",),
    34: (
        f"{TABULAR}::test_e_values_are_numbers",
        f"{GOLDEN}::test_every_format_of_a_search_gives_the_same_hits",
        f"{WARNINGS}::test_a_warning_of_many_files_is_one_warning",
    ),
    35: (f"{TABULAR}::test_unknown_comments_are_ignored_and_said",),
    36: (
        f"{IDENTITY}::test_a_query_is_what_its_first_word_says_unless_its_id_was_parsed",
        f"{WARNINGS}::test_an_id_that_comes_again_in_another_batch_is_flagged",
    ),
    37: (f"{TABULAR}::test_an_unnamed_query_gets_a_name_from_its_place",),
    38: (f"{TABULAR}::test_a_subject_that_comes_back_begins_another_query_of_that_name",),
    39: (f"{IDENTITY}::test_a_subject_has_one_key_in_every_format",),
    40: (f"{IDENTITY}::test_an_unparsed_database_hides_the_id_in_the_title",),
    41: (f"{OTHERS}::test_ordinals_of_separate_searches_do_not_make_one_subject",),
    42: (
        f"{IDENTITY}::test_members_come_from_the_description_list",
        f"{IDENTITY}::test_the_title_stays_as_printed_with_its_members",
    ),
    43: (f"{TABULAR}::test_too_many_cells_without_free_text_are_rejected",),
    44: (f"{REPORTS}::test_entities_are_put_back_once", PAGE),
    45: (f"{IDENTITY}::test_a_subject_has_one_key_in_every_format",),
    46: (f"{REPORTS}::test_undeclared_latin1_is_read_and_said",),
    47: (f"{OTHERS}::test_non_ascii_letters_that_blast_made_hashes_of_stay_so",),
    48: (f"{REPORTS}::test_json_keeps_its_letters",),
    49: (f"{REPORTS}::test_entities_are_put_back_once",),
    50: (f"{REPORTS}::test_a_control_character_stands_for_a_star",),
    51: (
        f"{TAXA}::test_taxids_are_a_set_and_names_are_kept_only_one_to_one",
        f"{LINEAGES}::test_subjects_count_once_for_each_of_their_taxids",
    ),
    52: (f"{LINEAGES}::test_subjects_without_a_taxid_have_a_bucket_of_their_own",),
    53: (f"{WARNINGS}::test_a_format_without_taxids_names_the_rerun",),
    54: (
        f"{LINEAGES}::test_a_merged_taxid_is_kept_and_rolled_up_and_a_deleted_one_is_unresolved",
        f"{LINEAGES}::test_a_taxid_filter_takes_in_all_below_it",
    ),
    55: (f"{LINEAGES}::test_the_common_ancestor_is_that_of_all_near_the_best_in_any_order",),
    56: (f"{IDENTITY}::test_members_come_from_all_ids_and_titles_if_they_are_equally_many",),
    57: (f"{REPORTS}::test_translated_ends_and_frames_are_those_of_the_table",),
    58: (f"{GOLDEN}::test_every_format_of_a_search_gives_the_same_hits",),
    59: (
        f"{PAIRS}::test_the_worked_example_of_two_overlapping_hsps",
        f"{PAIRS}::test_cover_is_the_share_of_positions_in_any_hsp",
    ),
    60: (f"{PAIRS}::test_cover_disregards_strand_and_frame",),
    61: (f"{PAIRS}::test_ncbis_cover_rounds_half_up",),
    62: (f"{PAIRS}::test_lengths_that_the_format_lacks_come_from_the_query_fasta",),
    63: (
        f"{OTHERS}::test_a_query_range_keeps_the_coordinates_of_the_whole_query",
        f"{PAIRS}::test_cover_is_not_clipped_by_the_length_of_a_query_range",
    ),
    64: (f"{PAIRS}::test_the_shown_evalue_is_of_the_best_hsp_and_the_lowest_stands_beside_it",),
    65: (f"{DETECT}::test_what_is_not_read_is_named", CASES),
    66: (
        CASES,
        f"{ARCHIVED}::test_an_archive_gives_the_hits_that_blast_printed_in_a_table",
        f"{ARCHIVED}::test_one_archive_a_chunk_of_queries_reads_as_one_file",
        f"{ARCHIVED}::test_what_an_archive_lacks_is_null_and_said",
    ),
    67: (CASES, f"{FOLDER}::test_side_files_of_json_output_belong_to_their_batch"),
    68: (f"{GOLDEN}::test_the_reports_of_a_search_agree_exactly", CASES),
    69: (
        f"{REPORTS}::test_a_round_can_be_chosen",
        f"{OTHERS}::test_the_last_round_of_psiblast_is_the_same_in_every_format",
    ),
    70: (CASES,),
    71: (f"{DETECT}::test_what_is_not_read_is_named",),
    72: (f"{REPORTS}::test_sizes_that_cannot_be_are_unknown",),
    73: (
        f"{OTHERS}::test_blastalls_xml_lacks_gaps_frames_and_midline_statistics",
        f"{OTHERS}::test_blastpgps_rounds_end_with_its_word_for_convergence",
    ),
    74: (f"{WARNINGS}::test_shards_of_unequal_size_have_evalues_that_cannot_be_compared",),
    75: (
        f"{WARNINGS}::test_a_list_as_long_as_the_limit_is_cut",
        f"{WARNINGS}::test_a_list_cut_inside_a_tie_says_so",
    ),
    76: (f"{WARNINGS}::test_the_limit_is_500_where_none_was_given",),
    77: (f"{PAGES}::test_pairs_come_by_query_in_input_order_and_best_first_within_one",),
    78: (f"{FOLDER}::test_batch_1000_comes_after_batch_101",),
    79: (f"{BUILD}::test_totals_agree_in_every_artifact",),
    80: (
        f"{COMPLETE}::test_fewer_files_than_were_submitted_are_not_complete",
        "lifecycle/test_finalizer::test_a_job_that_claims_success_without_results_waits_for_them",
    ),
    81: ("triggers/test_http::test_a_stranger_an_unknown_and_a_deleted_job_get_the_same_answer",),
    82: (
        f"{COMPLETE}::test_the_failure_marker_and_its_first_line_are_shown",
        "reading/test_log_text::test_the_first_error_of_a_log",
    ),
    83: ("reading/test_log_text::test_the_first_error_of_a_log",),
    84: (
        f"{REPORTS}::test_a_subject_search_is_read_as_any_other",
        f"{OTHERS}::test_hits_with_a_subject_file_bear_the_ids_of_its_records",
    ),
    85: (f"{IDENTITY}::test_a_subject_has_one_key_in_every_format",),
}


@cache
def functions_of(module: str) -> frozenset[str]:
    tree = ast.parse((TESTS / f"{module}.py").read_text(encoding="utf-8"))
    return frozenset(item.name for item in tree.body if isinstance(item, ast.FunctionDef))


def test_every_row_has_its_place() -> None:
    assert sorted(ROWS) == list(range(1, 86))


@pytest.mark.parametrize("row", sorted(ROWS), ids=lambda row: f"P{row}")
def test_the_tests_of_a_row_exist(row: int) -> None:
    assert ROWS[row]
    for place in ROWS[row]:
        if place not in LATER:
            module, name = place.split("::")
            assert name in functions_of(module), place
