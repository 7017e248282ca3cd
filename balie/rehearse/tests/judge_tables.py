"""The schema `judge` as plain tables, to be doctored at will: the judge must find harm wherever it came from."""

import psycopg

TABLES = """
drop schema if exists judge cascade;
create schema judge;
create table judge.orders (campaign bigint, practice bigint, number text, hold_key uuid, placed_at timestamptz,
                           auto boolean);
create table judge.order_lines (campaign bigint, number text, day date, product bigint, doses int, location bigint,
                                address text);
create table judge.days (campaign bigint, day date, doses_limit int, addresses_limit int, doses_taken int,
                         addresses_taken int);
create table judge.holds (campaign bigint, practice bigint, hold_key uuid, state text, expires_at timestamptz, day date,
                          product bigint, doses int, location bigint);
create table judge.tickets (campaign bigint, ticket uuid, practice bigint, arrived_at timestamptz, number int,
                            called_at timestamptz, round int not null default 1);
create table judge.mail (reference text, recipient text, message_id text, state text, attempts int,
                         created_at timestamptz, sent_at timestamptz);
create table judge.prepared (campaign bigint, practice bigint, auto text, auto_since timestamptz,
                             failed_at timestamptz);
create table judge.prepared_lines (campaign bigint, practice bigint, product bigint, location bigint, doses int);
create table judge.wishes (campaign bigint, practice bigint, rank int, day date);
create table judge.changes (campaign bigint, practice bigint, number text, revision int, at timestamptz, auto boolean,
                            side text, day date, product bigint, doses int, address text);
create table judge.swaps (campaign bigint, practice bigint, number text, place int, swap bigint, state text,
                          asked_at timestamptz, settled_at timestamptz, day date, product bigint, doses int,
                          location bigint, revision int, offered_at timestamptz, placed text default '');
create table judge.cancelled (campaign bigint, practice bigint, number text, hold_key uuid, placed_at timestamptz,
                              cancelled_at timestamptz, granted boolean);
create table judge.clock (service_now timestamptz, wall_now timestamptz);
"""


def make_judge_tables(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(TABLES)
