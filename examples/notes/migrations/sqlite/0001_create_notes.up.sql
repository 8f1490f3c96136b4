create table notes (
  id integer primary key,
  text text not null unique,
  likes integer not null default 0
);
create table likes (
  note integer not null references notes (id) on delete cascade,
  at text not null default current_timestamp
);
create index likes_note on likes (note);
