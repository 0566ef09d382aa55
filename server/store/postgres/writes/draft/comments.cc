// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/comments.h"

#include "base/status_macros.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

absl::StatusOr<Comment> Comments::Find(const WriteTransaction& transaction,
                                       CommentId comment, PhotoId photo,
                                       UserId author) {
  static const Statement kFindOnPhoto(
      "SELECT c.photo_id, u.handle, u.display_name, c.text, c.create_time "
      "FROM photo_owners o CROSS JOIN comments c CROSS JOIN users u "
      "WHERE o.photo_id = $1 AND c.owner_id = o.owner_id "
      "AND c.photo_id = o.photo_id AND c.id = $2 AND u.id = c.author_id");
  static const Statement kFindByAuthor(
      "SELECT c.photo_id, u.handle, u.display_name, c.text, c.create_time "
      "FROM comments c CROSS JOIN users u "
      "WHERE c.author_id = $1 AND c.id = $2 AND u.id = c.author_id");
  Connection& db = transaction.db;
  ASSIGN_OR_RETURN(Result found, db.Query(kFindOnPhoto, photo, comment));
  if (found.empty()) {
    ASSIGN_OR_RETURN(found, db.Query(kFindByAuthor, author, comment));
  }
  if (found.empty()) return store::NoSuchComment();
  const Row row = found[0];
  return Comment{comment,     PhotoId{row.Int(0)}, row.Text(1),
                 row.Text(2), row.Text(3),         row.Time(4)};
}

void Comments::Save(Pipeline& pipeline, absl::Time now) const {
  static const Statement kInsert(
      "INSERT INTO comments "
      "(owner_id, photo_id, id, author_id, create_time, text) "
      "SELECT owner_id, photo_id, id, author_id, $6, text "
      "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], "
      "$5::text[]) AS w(owner_id, photo_id, id, author_id, text)");
  if (added_.empty()) return;
  std::vector<UserId> owners, authors;
  std::vector<PhotoId> photos;
  std::vector<CommentId> ids;
  std::vector<std::string_view> texts;
  for (const auto& [comment, owner, author] : added_) {
    owners.push_back(owner);
    photos.push_back(comment.photo);
    ids.push_back(comment.id);
    authors.push_back(author);
    texts.push_back(comment.text);
  }
  pipeline.Add(kInsert, owners, photos, ids, authors, texts, now);
}

}  // namespace pinhole::postgres
